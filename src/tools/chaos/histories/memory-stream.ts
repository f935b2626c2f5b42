import {
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  type _Record,
} from '@aws-sdk/client-kinesis';

export interface MemoryStreamOptions {
  readonly shards: number;
  /** Called before a shard is read: what it puts into the stream can be read at once. */
  readonly onRead: () => Promise<void>;
  /** Whether more may come: until then no shard is at its tip. */
  readonly isOpen: () => boolean;
  /** When a record arrives that is put now. */
  readonly arrival?: () => Date;
}

export interface StreamPut {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

export interface MemoryStream {
  readonly kinesis: KinesisClient;
  /** @returns the record's sequence number */
  put(record: StreamPut): string;
}

/** A number for a partition key, spread evenly enough over a few shards. */
const hashOf = (key: string): number =>
  [...key].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);

/** A Kinesis stream in memory, as far as an event source mapping needs it. */
export const memoryStream = ({
  shards,
  onRead,
  isOpen,
  arrival = () => new Date(),
}: MemoryStreamOptions): MemoryStream => {
  const records = Array.from({ length: shards }, (): _Record[] => []);
  let count = 0;

  const getRecords = async ({ ShardIterator = '', Limit = 10_000 }: GetRecordsCommand['input']) => {
    await onRead();
    const [shard = 0, from = 0] = ShardIterator.split(':').map(Number);
    const all = records[shard] ?? [];
    const Records = all.slice(from, from + Limit);
    const next = from + Records.length;
    const isBehind = isOpen() || next < all.length;
    return { Records, NextShardIterator: `${shard}:${next}`, MillisBehindLatest: isBehind ? 1 : 0 };
  };

  const send = async (command: object): Promise<object> => {
    if (command instanceof DescribeStreamSummaryCommand)
      return { StreamDescriptionSummary: { StreamStatus: 'ACTIVE' } };
    if (command instanceof ListShardsCommand)
      return { Shards: records.map((_, shard) => ({ ShardId: `shardId-${shard}` })) };
    if (command instanceof GetShardIteratorCommand)
      return { ShardIterator: `${command.input.ShardId?.slice('shardId-'.length)}:0` };
    if (command instanceof GetRecordsCommand) return getRecords(command.input);
    throw new Error(`${command.constructor.name} is not known here`);
  };

  return {
    kinesis: { send } as unknown as KinesisClient,
    put: ({ partitionKey, data }) => {
      count += 1;
      const sequenceNumber = `4965${String(count).padStart(52, '0')}`;
      records[hashOf(partitionKey) % shards]?.push({
        SequenceNumber: sequenceNumber,
        PartitionKey: partitionKey,
        Data: data,
        ApproximateArrivalTimestamp: arrival(),
      });
      return sequenceNumber;
    },
  };
};
