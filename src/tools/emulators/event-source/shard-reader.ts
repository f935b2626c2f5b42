import { GetRecordsCommand, GetShardIteratorCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { createRecordReader, type ShardRecord, type ShardSource } from './lambda-event.ts';
import { persistently } from './persistently.ts';
import type { EventSourceSettings } from './settings.ts';

/** The result of one read of a shard. */
export interface ShardPage {
  readonly records: readonly ShardRecord[];
  /** Nothing newer was in the shard at the time of the read. */
  readonly atTip: boolean;
  /** The shard was split or merged, and this was its end. */
  readonly closed: boolean;
}

const MAX_RECORDS = 10_000;
const FIRST_RECORDS = 1_000;
// AWS returns at most 10 MB a call; an emulator has no such limit, so the number of records is limited instead.
const PAGE_BYTES = 8 * 1024 * 1024;

/**
 * Reads a shard in order. A throttled or failed read is retried, as Lambda does; an iterator that expired (after five
 * minutes) is replaced by one after the last record that was read.
 *
 * @returns the next page; it rejects when Kinesis refuses to read, or has failed for minutes
 * @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
 */
export const createShardReader = (
  kinesis: KinesisClient,
  source: ShardSource,
  startingPosition: EventSourceSettings['startingPosition'],
  signal: AbortSignal,
): (() => Promise<ShardPage>) => {
  const { shardId, streamArn } = source;
  // Not by its ARN, which kinesalite does not know in this call.
  const streamName = streamArn.slice(streamArn.lastIndexOf('/') + 1);
  const toRecords = createRecordReader(source);
  const openedAt = new Date();
  const options = { abortSignal: signal };
  let opened = false;
  let lastRead: string | undefined;
  let iterator: string | undefined;
  let limit = FIRST_RECORDS;

  const position = () => {
    if (lastRead !== undefined) {
      return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: lastRead } as const;
    }
    // A second LATEST would skip what came in since the first.
    if (opened && startingPosition === 'LATEST') {
      return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: openedAt } as const;
    }
    return { ShardIteratorType: startingPosition };
  };

  const read = async (): Promise<ShardPage> => {
    if (iterator === undefined) {
      const request = { StreamName: streamName, ShardId: shardId, ...position() };
      iterator = (await kinesis.send(new GetShardIteratorCommand(request), options)).ShardIterator;
      opened = true;
    }
    const request = new GetRecordsCommand({ ShardIterator: iterator, Limit: limit });
    const { Records = [], NextShardIterator, MillisBehindLatest } = await kinesis.send(request, options);
    iterator = NextShardIterator;
    const records = toRecords(Records);
    lastRead = records.at(-1)?.sequenceNumber ?? lastRead;
    if (records.length > 0) {
      const bytes = records.reduce((sum, { eventBytes }) => sum + eventBytes, 0);
      limit = Math.max(1, Math.min(MAX_RECORDS, Math.floor((PAGE_BYTES * records.length) / bytes)));
    }
    return {
      records,
      atTip: records.length === 0 && !MillisBehindLatest,
      closed: NextShardIterator === undefined,
    };
  };

  return () =>
    persistently(async () => {
      try {
        return await read();
      } catch (error) {
        if (!isExpired(error)) throw error;
        iterator = undefined;
        return read();
      }
    }, options);
};

const isExpired = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ExpiredIteratorException';
