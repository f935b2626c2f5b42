import type { KinesisStreamEvent } from 'aws-lambda';
import type { handler as Handler } from '../../src/functions/classify-stream.ts';
import type { TestDynamoDb } from './dynamodb.ts';
import { captureLog, contextOf, setEnvironment } from './function-in-process.ts';

export interface TestFunction {
  /** Names of its tables. */
  readonly documents: string;
  readonly rejects: string;
  readonly labels: string;
  /** Sends an event as Lambda does. */
  send(event: unknown, remainingMs?: number): Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;
  /** Lines that it wrote to standard output. */
  readonly log: string[];
}

/** The function in this process, with tables of its own, wired from an environment as on Lambda, which stays set. */
export const startClassifyStream = async (
  dynamodb: TestDynamoDb,
  environment: Readonly<Record<string, string>> = {},
): Promise<TestFunction> => {
  const documents = await dynamodb.createTable('id');
  const rejects = await dynamodb.createTable('shard', 'sequence_number');
  const labels = await dynamodb.createTable('item', 'content');
  setEnvironment({
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.emulators.endpoints.AWS_ENDPOINT_URL_DYNAMODB,
    DOCUMENTS_TABLE: documents,
    REJECTS_TABLE: rejects,
    LABELS_TABLE: labels,
    TEXT_ATTRIBUTES: 'text,textblob:json',
    ...environment,
  });
  const log = captureLog();
  let handler: typeof Handler | undefined;
  await jest.isolateModulesAsync(async () => {
    const loaded = await import('../../src/functions/classify-stream.ts');
    handler = loaded.handler;
    // Lambda's runtime takes what rejects before the first invocation for a failure of the init.
    await loaded.ready;
  });
  return {
    documents,
    rejects,
    labels,
    log,
    send: async (event, remainingMs = 30_000) => {
      if (handler === undefined) throw new Error('the handler is not loaded');
      return handler(event as KinesisStreamEvent, contextOf(remainingMs) as never);
    },
  };
};
