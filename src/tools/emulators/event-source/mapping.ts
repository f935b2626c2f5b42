import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { KinesisStreamEvent } from 'aws-lambda';
import type { InvokeOutcome } from './batch-response.ts';
import { checkSettings } from './check-settings.ts';
import type { BatchReport, Settlement } from './delivery-context.ts';
import type { FailureMessage } from './failure-message.ts';
import type { ShardRecord } from './lambda-event.ts';
import { compileFilter } from './filter-patterns.ts';
import { followShards } from './follow-shards.ts';
import { createMappingStats, type MappingStats } from './mapping-stats.ts';
import { DEFAULT_PACE, DEFAULT_SETTINGS, type EventSourceSettings, type LocalPace } from './settings.ts';
import { createShardPoller } from './shard-poller.ts';
import { kinesisStream, type ShardStream } from './shard-stream.ts';

export interface StreamMappingOptions {
  readonly functionArn?: string | undefined;
  /**
   * Invokes the function and resolves with its answer, errors included. A rejection ends the mapping, but for those of
   * Lambda that pass (TooManyRequestsException and its like): then the batch is delivered later.
   */
  readonly invoke: (event: unknown) => Promise<InvokeOutcome>;
  readonly settings?: Partial<EventSourceSettings> | undefined;
  readonly pace?: Partial<LocalPace> | undefined;
  /** The on-failure destination: the message for SQS, and the discarded event, for `failureObject` (S3). */
  readonly onFailure?: ((message: FailureMessage, event: KinesisStreamEvent) => Promise<void>) | undefined;
  /** Receives every invocation. */
  readonly onBatch?: ((report: BatchReport) => void) | undefined;
  /** Receives records that need no further delivery. */
  readonly onSettled?: ((records: readonly ShardRecord[], how: Settlement) => void) | undefined;
}

export interface MappingOptions extends StreamMappingOptions {
  readonly kinesis: KinesisClient;
  readonly streamName: string;
  readonly streamArn: string;
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
 * at least once, with AWS's batches, filters, retries, partial batch responses and on-failure messages. `drained`
 * rejects with an error of the mapping.
 *
 * @throws RangeError or FilterPatternError for settings that AWS would refuse
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export const startEventSourceMapping = ({
  kinesis,
  streamName,
  streamArn,
  ...options
}: MappingOptions): EventSourceMapping => mapStream(kinesisStream(kinesis, streamName, streamArn), options);

/** The same for records that come from elsewhere, such as `memoryStream`. */
export const mapStream = (stream: ShardStream, options: StreamMappingOptions): EventSourceMapping => {
  const { invoke, onBatch, onFailure, functionArn = '' } = options;
  const settings = checkSettings({ ...DEFAULT_SETTINGS, ...options.settings });
  const passes = compileFilter(settings.filterPatterns);
  const pace = { ...DEFAULT_PACE, ...options.pace };
  const stopping = new AbortController();
  const { signal } = stopping;
  const { onRetry, ...counted } = createMappingStats();
  const onSettled = (records: readonly ShardRecord[], how: Settlement): void => {
    counted.onSettled(records, how);
    options.onSettled?.(records, how);
  };
  const common = { settings, pace, functionArn, signal, invoke, onFailure, onSettled, onRetry };

  // `drained` reports the error: if it is never called, the error must not end the process.
  let fault: unknown;
  const fail = (error: unknown): void => {
    fault ??= error;
    stopping.abort();
  };
  const shards = followShards(
    () => stream.list(signal),
    (shardId, startingPosition) => {
      const source = { shardId, streamArn: stream.streamArn };
      const context = {
        ...common,
        source,
        onBatch: (report: BatchReport) => {
          counted.onBatch(report);
          onBatch?.(report);
        },
      };
      return createShardPoller(stream.open(source, startingPosition, signal), context, passes);
    },
    { startingPosition: settings.startingPosition, signal, onFault: fail },
  );

  return {
    drained: async () => {
      try {
        await shards.drained();
      } catch (error) {
        throw fault ?? error;
      }
    },
    stats: () => counted.stats(shards.count()),
    stop: async () => {
      stopping.abort();
      await shards.settled();
    },
  };
};
