import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import type { LocalClients } from '../../../../src/tools/emulators/aws/aws-clients.ts';
import {
  kinesisStream,
  type ShardStream,
} from '../../../../src/tools/emulators/event-source/shard-stream.ts';
import { type Behaviour, done, POLLING, RESHARDING } from './behaviour.ts';
import { eventually, numbers, streamOf, toyMapping } from './toy-mapping.ts';

const KEYS = numbers(40);

/** A stream of kinesalite with one shard. */
const realStream = async (clients: LocalClients, StreamName: string) => {
  const active = async (): Promise<string> => {
    const answer = await clients.kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
    const { StreamStatus, StreamARN = '' } = answer.StreamDescriptionSummary ?? {};
    return StreamStatus === 'ACTIVE' ? StreamARN : active();
  };
  await clients.kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  const stream: ShardStream = kinesisStream(clients.kinesis, StreamName, await active());
  return {
    stream,
    put: async (prefix: string) => {
      const Records = KEYS.map((key) => ({ PartitionKey: key, Data: Buffer.from(`${prefix}-${key}`) }));
      await clients.kinesis.send(new PutRecordsCommand({ StreamName, Records }));
    },
    split: async (shard: number) => {
      const NewStartingHashKey = String(1n << 127n);
      const ShardToSplit = shardId(shard);
      await clients.kinesis.send(new SplitShardCommand({ StreamName, ShardToSplit, NewStartingHashKey }));
      await active();
    },
    merge: async (shard: number, adjacent: number) => {
      const shards = { ShardToMerge: shardId(shard), AdjacentShardToMerge: shardId(adjacent) };
      await clients.kinesis.send(new MergeShardsCommand({ StreamName, ...shards }));
      await active();
    },
  };
};

const shardId = (index: number): string => `shardId-${String(index).padStart(12, '0')}`;

/** Every key's records came in the order in which they were put, none missing and none twice. */
const expectInOrder = (calls: readonly (readonly string[])[], prefixes: readonly string[]): void => {
  for (const key of KEYS) {
    const ofKey = calls.flat().filter((text) => text.endsWith(`-${key}`));
    expect(ofKey).toEqual(prefixes.map((prefix) => `${prefix}-${key}`));
  }
};

/** @param clients of kinesalite, once it runs */
export const resharding = (clients: () => LocalClients): readonly Behaviour[] => [
  {
    behaviour: 'children of a split or merge from before are read after their parents are at their end',
    source: RESHARDING,
    prove: async () => {
      const { stream, put, split, merge } = await realStream(clients(), 'resharded-1');
      await put('a');
      await split(0);
      await put('b');
      await merge(1, 2);
      await put('c');
      const { mapping, calls, drain } = toyMapping(stream, () => sleep(2), { batchSize: 7 });
      await drain();
      expectInOrder(calls, ['a', 'b', 'c']);
      expect(mapping.stats()).toMatchObject({ shards: 4, recordsDone: 120 });
    },
  },
  {
    behaviour: 'shards that appear while the mapping runs are found, and read after their parents',
    source: RESHARDING,
    prove: async () => {
      const { stream, put, split, merge } = await realStream(clients(), 'resharded-2');
      const { mapping, calls, drain } = toyMapping(stream, () => sleep(2), { batchSize: 7 });
      await put('a');
      await split(0);
      await put('b');
      await mapping.drained();
      expect(mapping.stats()).toMatchObject({ shards: 3, recordsDone: 80 });
      await merge(1, 2);
      await put('c');
      await drain();
      expectInOrder(calls, ['a', 'b', 'c']);
      expect(mapping.stats()).toMatchObject({ shards: 4, recordsDone: 120 });
    },
  },
  {
    behaviour: 'a child waits for a parent that is retried, while its siblings by other parents go on',
    source: POLLING,
    prove: async () => {
      const stream = streamOf(KEYS, { shards: 2 });
      let heal = () => {};
      const healed = new Promise<void>((resolve) => {
        heal = resolve;
      });
      const { calls, drain } = toyMapping(stream, async (_texts, { Records }) => {
        if (Records[0]?.eventID.startsWith(shardId(0)) === true) await healed;
      });
      stream.split(shardId(0));
      stream.split(shardId(1));
      stream.put(KEYS.map((key) => ({ partitionKey: key, data: `late-${key}` })));
      const ofSecond = KEYS.length;
      await eventually(() => calls.flat().filter((text) => text.startsWith('late')).length > 0);
      await sleep(20);
      const early = calls.flat().filter((text) => text.startsWith('late')).length;
      expect(early).toBeLessThan(ofSecond);
      heal();
      await drain();
      expect(calls.flat()).toHaveLength(2 * KEYS.length);
    },
  },
  {
    behaviour: 'with LATEST, a child that appears later is read from its start',
    source: RESHARDING,
    prove: async () => {
      const stream = streamOf(['old']);
      const { mapping, calls, drain } = toyMapping(stream, done, { startingPosition: 'LATEST' });
      await mapping.drained();
      stream.split(shardId(0));
      stream.put([{ partitionKey: 'new', data: 'new' }]);
      await drain();
      expect(calls).toEqual([['new']]);
    },
  },
];
