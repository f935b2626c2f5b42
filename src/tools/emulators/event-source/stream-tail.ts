import { DescribeStreamSummaryCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import type { ShardRecord, ShardSource } from './lambda-event.ts';
import { listShards } from './open-shards.ts';
import { createShardReader } from './shard-reader.ts';
import { must } from '../../../errors.ts';

/** A record of a stream, and the shard that it is in. */
export interface TailRecord {
  readonly source: ShardSource;
  readonly record: ShardRecord;
}

/** The records that are put into a stream from now on. */
export interface StreamTail {
  /** The records since the tail was opened or last read, shard by shard. */
  read(): Promise<readonly TailRecord[]>;
}

/** Opens the tail of a stream. @throws Kinesis's error where the stream does not exist or access is denied */
export const openTail = async (kinesis: KinesisClient, StreamName: string): Promise<StreamTail> => {
  const { signal } = new AbortController();
  const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
  const streamArn = must(StreamDescriptionSummary?.StreamARN, `StreamARN of ${StreamName}`);
  const shards = (await listShards(kinesis, StreamName, signal)).map(({ shardId }) => {
    const source = { shardId, streamArn };
    return { source, next: createShardReader(kinesis, source, 'LATEST', signal) };
  });
  const toTip = async ({ source, next }: (typeof shards)[number]): Promise<readonly TailRecord[]> => {
    const found: TailRecord[] = [];
    for (;;) {
      const { records, atTip, closed } = await next();
      found.push(...records.map((record) => ({ source, record })));
      if (atTip || closed) return found;
    }
  };
  // The first read of a shard opens it.
  await Promise.all(shards.map(({ next }) => next()));
  return { read: async () => (await Promise.all(shards.map(toTip))).flat() };
};
