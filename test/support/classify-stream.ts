import { join } from 'node:path';
import type { KinesisStreamEvent } from 'aws-lambda';
import type { handler as Handler } from '../../src/functions/classify-stream.ts';
import { LOCAL_CREDENTIALS } from '../../src/tools/emulators/aws/aws-clients.ts';
import type { TestDynamoDb } from './dynamodb.ts';

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

const BASE = { ...process.env };

/** The function in this process, with tables of its own, wired from an environment as on Lambda, which stays set. */
export const startClassifyStream = async (
  dynamodb: TestDynamoDb,
  environment: Readonly<Record<string, string>> = {},
): Promise<TestFunction> => {
  const documents = await dynamodb.createTable('id');
  const rejects = await dynamodb.createTable('shard', 'sequence_number');
  const labels = await dynamodb.createTable('item', 'content');
  const log: string[] = [];
  process.env = {
    ...BASE,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.emulators.endpoints.AWS_ENDPOINT_URL_DYNAMODB,
    POWERTOOLS_SERVICE_NAME: 'labelstream-test',
    POWERTOOLS_METRICS_NAMESPACE: 'labelstream',
    DOCUMENTS_TABLE: documents,
    REJECTS_TABLE: rejects,
    LABELS_TABLE: labels,
    TEXT_ATTRIBUTES: 'text,textblob:json',
    MODEL: 'banking77-tfidf',
    MODELS_DIR: join(import.meta.dirname, '..', '..', 'models'),
    ...environment,
  };
  // Powertools writes past the global console.
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      log.push(...String(text).trim().split('\n'));
      return true;
    });
  }
  let handler: typeof Handler | undefined;
  await jest.isolateModulesAsync(async () => {
    const loaded = await import('../../src/functions/classify-stream.ts');
    handler = loaded.handler;
    // Lambda's runtime takes what rejects before the first invocation for a failure of the init.
    await loaded.ready;
  });
  const context = (remainingMs: number) => {
    const deadline = Date.now() + remainingMs;
    return { awsRequestId: 'request', getRemainingTimeInMillis: () => deadline - Date.now() };
  };
  return {
    documents,
    rejects,
    labels,
    log,
    send: async (event, remainingMs = 30_000) => {
      if (handler === undefined) throw new Error('the handler is not loaded');
      return handler(event as KinesisStreamEvent, context(remainingMs) as never);
    },
  };
};
