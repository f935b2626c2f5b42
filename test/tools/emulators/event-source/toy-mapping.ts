import { setTimeout as sleep } from 'node:timers/promises';
import type { KinesisStreamEvent } from 'aws-lambda';
import type { InvokeOutcome } from '../../../../src/tools/emulators/event-source/batch-response.ts';
import {
  type FailureObject,
  failureObject,
} from '../../../../src/tools/emulators/event-source/failure-object.ts';
import type { FailureMessage } from '../../../../src/tools/emulators/event-source/failure-message.ts';
import {
  mapStream,
  type StreamMappingOptions,
} from '../../../../src/tools/emulators/event-source/mapping.ts';
import {
  memoryStream,
  type MemoryStream,
} from '../../../../src/tools/emulators/event-source/memory-stream.ts';
import type { EventSourceSettings } from '../../../../src/tools/emulators/event-source/settings.ts';
import type { ShardStream } from '../../../../src/tools/emulators/event-source/shard-stream.ts';

export type Answer = (texts: readonly string[], event: KinesisStreamEvent, call: number) => unknown;

export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:toy';
export const MAPPING_ID = '9d3f4c0a-6f0e-4c1b-8b57-0a8f5d0c2a11';

const textsOf = (event: KinesisStreamEvent): string[] =>
  event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString());

/** A mapping to a function that answers with what `answer` returns or resolves to, and fails with what it throws. */
export const toyMapping = (
  stream: ShardStream,
  answer: Answer,
  settings: Partial<EventSourceSettings> = {},
  options: Partial<StreamMappingOptions> = {},
) => {
  const calls: string[][] = [];
  const failures: FailureMessage[] = [];
  const objects: FailureObject[] = [];
  const invoke = async (event: unknown): Promise<InvokeOutcome> => {
    const texts = textsOf(event as KinesisStreamEvent);
    calls.push(texts);
    const requestId = `request-${calls.length}`;
    try {
      return { requestId, payload: await answer(texts, event as KinesisStreamEvent, calls.length) };
    } catch (error) {
      const functionError = { errorType: 'Error', errorMessage: String(error) };
      return { requestId, payload: undefined, functionError };
    }
  };
  const mapping = mapStream(stream, {
    functionArn: FUNCTION_ARN,
    invoke,
    settings,
    onFailure: async (message, event) => {
      failures.push(message);
      objects.push(failureObject(message, event, MAPPING_ID));
    },
    pace: { pollMs: 2, retryDelayMs: 1, maxRetryDelayMs: 2 },
    ...options,
  });
  /** Waits until the stream is drained, and ends the mapping. */
  const drain = async (): Promise<void> => {
    await mapping.drained();
    await mapping.stop();
  };
  return { mapping, calls, failures, objects, drain };
};

/** A stream that holds these texts, each its own partition key unless `key` says otherwise. */
export const streamOf = (
  texts: readonly string[],
  { key = (text: string) => text, ageSeconds = 0, ...options }: StreamOfOptions = {},
): MemoryStream & { readonly sequenceNumbers: readonly string[] } => {
  const stream = memoryStream(options);
  const arrivedMs = Date.now() - ageSeconds * 1000;
  const sequenceNumbers = stream.put(
    texts.map((text) => ({ partitionKey: key(text), data: text, arrivedMs })),
  );
  return { ...stream, sequenceNumbers };
};

interface StreamOfOptions {
  readonly key?: (text: string) => string;
  readonly ageSeconds?: number;
  readonly shards?: number;
  readonly firstSequenceNumber?: bigint;
}

export const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`);

/** Reports the record with this text, if the batch has it. */
export const reports =
  (text: string): Answer =>
  (texts, event) => {
    const record = event.Records[texts.indexOf(text)];
    return { batchItemFailures: record ? [{ itemIdentifier: record.kinesis.sequenceNumber }] : [] };
  };

/** Throws when the batch has a record with this text. */
export const throwsAt =
  (text: string): Answer =>
  (texts) => {
    if (texts.includes(text)) throw new Error('poison');
    return null;
  };

export const eventually = async (condition: () => boolean): Promise<void> => {
  for (const deadline = Date.now() + 5_000; !condition() && Date.now() < deadline;) await sleep(2);
  if (!condition()) throw new Error('It has not come true in five seconds');
};
