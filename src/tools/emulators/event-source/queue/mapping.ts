import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { createPermits } from '../../lambda/fifo-permits.ts';
import type { FunctionError } from '../../lambda/runtime-api.ts';
import type { InvokeOutcome } from '../batch-response.ts';
import { backOffMs, pause } from '../pause.ts';
import { sqsEvent } from './event.ts';
import { failedMessages } from './failures.ts';
import {
  checkQueueSettings,
  DEFAULT_QUEUE_PACE,
  DEFAULT_QUEUE_SETTINGS,
  type QueueMappingSettings,
  type QueuePace,
} from './settings.ts';
import { sourceQueue } from './source-queue.ts';

/** An invocation of a batch and its result. */
export interface QueueBatchReport {
  readonly requestId: string;
  readonly messages: number;
  /** Messages that were deleted after it. */
  readonly done: number;
  readonly functionError?: FunctionError;
}

export interface QueueMappingOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  /**
   * Invokes the function and resolves with its answer, errors included. A rejection ends the mapping, but for those of
   * Lambda that pass.
   */
  readonly invoke: (event: SQSEvent) => Promise<InvokeOutcome>;
  readonly settings?: Partial<QueueMappingSettings>;
  readonly pace?: Partial<QueuePace>;
  /** Receives every invocation. */
  readonly onBatch?: (report: QueueBatchReport) => void;
}

export interface QueueMappingStats {
  readonly invocations: number;
  /** Messages delivered, those delivered again counted again. */
  readonly messagesSent: number;
  readonly messagesDone: number;
}

export interface QueueMapping {
  /**
   * Resolves when the queue is empty: every message has been deleted, or given up to its dead-letter queue. Rejects when
   * the mapping has failed or is stopped before.
   */
  drained(): Promise<void>;
  stats(): QueueMappingStats;
  /** Ends receiving; resolves when the invocations under way are over. */
  stop(): Promise<void>;
}

/** Lambda has no environment to spare, or a fault of its own: the function was not invoked. */
const REFUSED = /^(TooManyRequests|EC2Throttled|Service|ResourceNotReady)Exception$/;

/** How often `drained` looks, in ms. */
const LOOK_MS = 50;

/**
 * A Lambda event source mapping for a standard queue: invokes the function with batches of messages, a limited number at
 * a time, deletes those that are done and leaves the others to their visibility timeout.
 *
 * @throws RangeError for settings that AWS would refuse
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export const startQueueMapping = (options: QueueMappingOptions): QueueMapping => {
  const { sqs, queueUrl, queueArn, invoke, onBatch } = options;
  const settings = checkQueueSettings({ ...DEFAULT_QUEUE_SETTINGS, ...options.settings });
  const pace = { ...DEFAULT_QUEUE_PACE, ...options.pace };
  const queue = sourceQueue(sqs, queueUrl);
  const stopping = new AbortController();
  const { signal } = stopping;
  const permits = createPermits(settings.maximumConcurrency);
  const running = new Set<Promise<void>>();
  let stats: QueueMappingStats = { invocations: 0, messagesSent: 0, messagesDone: 0 };
  // `drained` reports it: if that is never called, the error must not end the process.
  let fault: Error | undefined;
  const fail = (error: unknown): void => {
    if (!signal.aborted) fault = error instanceof Error ? error : new Error(String(error));
    stopping.abort();
  };

  const receiveBatch = async (): Promise<readonly Message[]> => {
    const batch = [...(await queue.receive(settings.batchSize, pace.waitSeconds, signal))];
    const until = performance.now() + settings.windowSeconds * 1_000;
    while (batch.length > 0 && batch.length < settings.batchSize && performance.now() < until) {
      const left = Math.max(0, Math.floor((until - performance.now()) / 1_000));
      const waitSeconds = Math.min(pace.waitSeconds, left);
      const more = await queue.receive(settings.batchSize - batch.length, waitSeconds, signal);
      batch.push(...more);
      if (more.length === 0 && waitSeconds === 0) await pause(LOOK_MS, signal);
    }
    return batch;
  };

  const invoked = async (event: SQSEvent): Promise<InvokeOutcome> => {
    for (let refusals = 1; ; refusals += 1) {
      try {
        return await invoke(event);
      } catch (error) {
        if (signal.aborted || !REFUSED.test((error as Error).name)) throw error;
        await pause(backOffMs(refusals, pace.refusedMs, 2_000), signal);
      }
    }
  };

  const deliver = async (batch: readonly Message[]): Promise<void> => {
    const event = sqsEvent(batch, queueArn);
    const outcome = await invoked(event);
    const ids = event.Records.map(({ messageId }) => messageId);
    const failed = failedMessages(outcome, ids, settings.reportBatchItemFailures);
    const isDone = ({ MessageId = '' }: Message): boolean => !failed.has(MessageId);
    const done = batch.filter(isDone);
    stats = {
      invocations: stats.invocations + 1,
      messagesSent: stats.messagesSent + batch.length,
      messagesDone: stats.messagesDone + done.length,
    };
    const { requestId, functionError } = outcome;
    const report = { requestId, messages: batch.length, done: done.length };
    onBatch?.(functionError ? { ...report, functionError } : report);
    await queue.delete(done);
    if (pace.retrySeconds !== undefined) {
      await queue.show(
        batch.filter((message) => !isDone(message)),
        pace.retrySeconds,
      );
    }
  };

  const poll = async (): Promise<void> => {
    while (!signal.aborted) {
      await permits.acquire();
      const batch = await receiveBatch();
      if (batch.length === 0) permits.release();
      else {
        const work = deliver(batch)
          .catch(fail)
          .finally(() => {
            running.delete(work);
            permits.release();
          });
        running.add(work);
      }
    }
  };
  const polling = poll().catch(fail);

  return {
    drained: async () => {
      while (!signal.aborted && (running.size > 0 || (await queue.count()) > 0)) {
        await pause(LOOK_MS, signal);
      }
      if (fault !== undefined) throw fault;
      if (signal.aborted) throw new Error('The mapping was stopped before the queue was empty');
    },
    stats: () => stats,
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
      permits.close(new Error('The mapping is stopped'));
      await polling;
    },
  };
};
