import { createHash } from 'node:crypto';
import type { _Record } from '@aws-sdk/client-kinesis';
import { createRecordReader } from './lambda-event.ts';
import type { ShardOfStream } from './open-shards.ts';
import type { ShardStream } from './shard-stream.ts';

export interface MemoryRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array | string;
  /** Milliseconds since 1970; now, unless given. */
  readonly arrivedMs?: number;
}

/** A Kinesis stream in this process: fast, with the methods that a mapping uses. */
export interface MemoryStream extends ShardStream {
  /** @returns the sequence numbers */
  put(records: readonly MemoryRecord[]): readonly string[];
  /** Closes a shard in favour of two children. @returns their identifiers */
  split(shardId: string): readonly string[];
  /** Closes two shards in favour of one child. @returns its identifier */
  merge(shardId: string, adjacentShardId: string): string;
}

interface MemoryShard extends ShardOfStream {
  /** The first and the last hash key, of 2^128. */
  readonly range: readonly [bigint, bigint];
  readonly records: _Record[];
  closed: boolean;
}

const HASH_KEYS = 1n << 128n;
const PAGE = 1_000;

const hashKey = (partitionKey: string): bigint =>
  BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`);

export interface MemoryStreamOptions {
  readonly shards?: number;
  readonly name?: string;
  /** Of those that it gives, one after the other. */
  readonly firstSequenceNumber?: bigint;
  /** Called before a shard is read: records that it puts into the stream can be read immediately. */
  readonly onRead?: () => Promise<void>;
  /** Whether more may come: until then no shard is at its tip. */
  readonly isOpen?: () => boolean;
  /** When a record arrives that is put now. */
  readonly arrival?: () => Date;
}

export const memoryStream = ({
  shards: count = 1,
  name = 'memory',
  firstSequenceNumber = 49_600_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000n,
  onRead = async () => undefined,
  isOpen = () => false,
  arrival = () => new Date(),
}: MemoryStreamOptions = {}): MemoryStream => {
  const streamArn = `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;
  const shards: MemoryShard[] = [];
  let sequence = firstSequenceNumber;

  const open = (from: bigint, to: bigint, parents: readonly MemoryShard[] = []): string => {
    const shardId = `shardId-${String(shards.length).padStart(12, '0')}`;
    shards.push({
      shardId,
      parents: parents.map((parent) => parent.shardId),
      range: [from, to],
      records: [],
      closed: false,
    });
    return shardId;
  };
  for (let index = 0n; index < count; index += 1n) {
    const [from, to] = [index, index + 1n].map((n) => (n * HASH_KEYS) / BigInt(count));
    open(from ?? 0n, (to ?? HASH_KEYS) - 1n);
  }
  const shardOf = (key: bigint): MemoryShard | undefined =>
    shards.find(({ closed, range: [from, to] }) => !closed && from <= key && key <= to);
  const close = (shardId: string): MemoryShard => {
    const shard = shards.find((one) => one.shardId === shardId && !one.closed);
    if (!shard) throw new Error(`Stream ${name} has no open shard ${shardId}`);
    shard.closed = true;
    return shard;
  };

  return {
    streamArn,
    put: (records) =>
      records.map(({ partitionKey, data, arrivedMs = arrival().getTime() }) => {
        const SequenceNumber = String(sequence);
        sequence += 1n;
        shardOf(hashKey(partitionKey))?.records.push({
          SequenceNumber,
          PartitionKey: partitionKey,
          Data: typeof data === 'string' ? Buffer.from(data) : data,
          ApproximateArrivalTimestamp: new Date(arrivedMs),
        });
        return SequenceNumber;
      }),
    split: (shardId) => {
      const parent = close(shardId);
      const [from, to] = parent.range;
      const middle = (from + to) / 2n;
      return [open(from, middle, [parent]), open(middle + 1n, to, [parent])];
    },
    merge: (shardId, adjacentShardId) => {
      const parents = [close(shardId), close(adjacentShardId)];
      const keys = parents.flatMap(({ range }) => range).sort((a, b) => (a < b ? -1 : 1));
      return open(keys[0] ?? 0n, keys.at(-1) ?? HASH_KEYS - 1n, parents);
    },
    list: async () => shards.map(({ shardId, parents }) => ({ shardId, parents })),
    open: (source, startingPosition) => {
      const toRecords = createRecordReader(source);
      const shard = shards.find(({ shardId }) => shardId === source.shardId);
      let read = startingPosition === 'LATEST' ? (shard?.records.length ?? 0) : 0;
      return async () => {
        await onRead();
        const records = toRecords(shard?.records.slice(read, read + PAGE) ?? []);
        read += records.length;
        const atEnd = read >= (shard?.records.length ?? 0);
        return { records, atTip: records.length === 0 && !isOpen(), closed: atEnd && shard?.closed === true };
      };
    },
  };
};
