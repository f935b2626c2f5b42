import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { persistently } from './persistently.ts';
import type { ShardSource } from './lambda-event.ts';
import { listShards, type ShardOfStream } from './open-shards.ts';
import type { EventSourceSettings } from './settings.ts';
import { createShardReader, type ShardPage } from './shard-reader.ts';

/** The source of a mapping's records. */
export interface ShardStream {
  readonly streamArn: string;
  /** All shards that can still be read, parents first. */
  list(signal: AbortSignal): Promise<readonly ShardOfStream[]>;
  /** The returned function reads the shard's next page; it rejects with what cannot be retried. */
  open(
    source: ShardSource,
    startingPosition: EventSourceSettings['startingPosition'],
    signal: AbortSignal,
  ): () => Promise<ShardPage>;
}

/** A stream of Kinesis, or of an emulator. */
export const kinesisStream = (
  kinesis: KinesisClient,
  streamName: string,
  streamArn: string,
): ShardStream => ({
  streamArn,
  list: (signal) => persistently(() => listShards(kinesis, streamName, signal), { abortSignal: signal }),
  open: (source, startingPosition, signal) => createShardReader(kinesis, source, startingPosition, signal),
});
