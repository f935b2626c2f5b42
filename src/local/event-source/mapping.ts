import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { BatchReport, DeliveryContext, InvokeOutcome } from './delivery.ts';
import type { FailureMessage } from './failure-message.ts';
import { listShards } from './open-shards.ts';
import { DEFAULT_PACE, DEFAULT_SETTINGS, type EventSourceSettings, type LocalPace } from './settings.ts';
import { createShardPoller, type ShardPoller } from './shard-poller.ts';
import { createShardReader } from './shard-reader.ts';

export interface MappingOptions {
  readonly kinesis: KinesisClient;
  readonly streamName: string;
  readonly streamArn: string;
  readonly functionArn?: string | undefined;
  /** Invokes the function and resolves with its answer, errors included; a rejection ends the mapping. */
  readonly invoke: (event: unknown) => Promise<InvokeOutcome>;
  readonly settings?: Partial<EventSourceSettings> | undefined;
  readonly pace?: Partial<LocalPace> | undefined;
  /** The on-failure destination. */
  readonly onFailure?: ((message: FailureMessage) => Promise<void>) | undefined;
  /** Hears of every invocation. */
  readonly onBatch?: ((report: BatchReport) => void) | undefined;
}

/** Sums over the mapping's life. */
export interface MappingStats {
  readonly shards: number;
  readonly invocations: number;
  /** Records delivered, those delivered again counted again. */
  readonly recordsSent: number;
  readonly recordsDone: number;
  /** Records given up: retries exhausted, or too old. */
  readonly recordsDiscarded: number;
  /** Invocations after which the same records were delivered again. */
  readonly retries: number;
  readonly bisections: number;
  /** Invocations after which the rest of the batch, from the reported record on, was delivered again. */
  readonly partialFailures: number;
}

export interface EventSourceMapping {
  /**
   * Resolves when, read again from now on, no shard has anything new and nothing is left to deliver: call it when the
   * producer has finished. Rejects when the mapping has failed or is stopped before.
   */
  drained(): Promise<void>;
  stats(): MappingStats;
  /** Ends reading and retrying; resolves when the invocations under way are over. */
  stop(): Promise<void>;
}

/**
 * A Lambda event source mapping for a Kinesis stream: delivers the records of each shard to the function, in order and
 * at least once, with AWS's batches, retries, partial batch responses and on-failure messages. It follows the shards
 * that exist when it starts, children after their parents. A fault is told by `drained`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export const startEventSourceMapping = (options: MappingOptions): EventSourceMapping => {
  const { kinesis, streamName, streamArn, invoke, onBatch, onFailure, functionArn = '' } = options;
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const pace = { ...DEFAULT_PACE, ...options.pace };
  const stopping = new AbortController();
  const { signal } = stopping;
  const sums = { invocations: 0, recordsSent: 0, done: 0, discarded: 0, retried: 0, bisected: 0, resumed: 0 };

  const pollerOf = (shardId: string): ShardPoller => {
    const source = { shardId, streamArn };
    const context: DeliveryContext = {
      source,
      settings,
      pace,
      functionArn,
      signal,
      invoke,
      onFailure,
      onBatch: (report) => {
        sums.invocations += 1;
        sums.recordsSent += report.records;
        onBatch?.(report);
      },
      onSettled: (records, how) => {
        sums[how] += records.length;
      },
      onRetry: (how) => {
        sums[how] += 1;
      },
    };
    return createShardPoller(createShardReader(kinesis, source, settings.startingPosition, signal), context);
  };

  const pollers = new Map<string, ShardPoller>();
  const runs = new Map<string, Promise<void>>();
  let failure: Error | undefined;
  const fail = (error: Error): never => {
    failure ??= error;
    stopping.abort();
    throw error;
  };
  const started = listShards(kinesis, streamName, signal)
    .then((shards) => {
      for (const { shardId, parents } of shards) {
        const poller = pollerOf(shardId);
        const parentsDone = Promise.all(parents.map((parent) => runs.get(parent) ?? Promise.resolve()));
        pollers.set(shardId, poller);
        runs.set(shardId, parentsDone.then(() => poller.run()).catch(fail));
      }
    })
    .catch(fail);
  const ended = started.then(() => Promise.allSettled(runs.values()));
  // A failure is for `drained` to tell: without anybody asking, it must not end the process.
  ended.catch(() => {});

  return {
    drained: async () => {
      try {
        await started;
        await Promise.all([...pollers.values()].map((poller) => poller.drained()));
      } catch (error) {
        throw failure ?? error;
      }
    },
    stats: () => ({
      shards: pollers.size,
      invocations: sums.invocations,
      recordsSent: sums.recordsSent,
      recordsDone: sums.done,
      recordsDiscarded: sums.discarded,
      retries: sums.retried,
      bisections: sums.bisected,
      partialFailures: sums.resumed,
    }),
    stop: async () => {
      stopping.abort();
      await Promise.allSettled([ended]);
    },
  };
};
