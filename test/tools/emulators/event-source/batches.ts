import { setTimeout as sleep } from 'node:timers/promises';
import type { EventSourceSettings } from '../../../../src/tools/emulators/event-source/settings.ts';
import { BATCHING, type Behaviour, done, json, POLLING } from './behaviour.ts';
import { type Answer, numbers, streamOf, toyMapping } from './toy-mapping.ts';

export const batches: readonly Behaviour[] = [
  {
    behaviour: 'a batch is sent when it has batchSize records',
    source: BATCHING,
    prove: async () => {
      const { calls, drain } = toyMapping(streamOf(numbers(250)), done, { batchSize: 100 });
      await drain();
      expect(calls.map((texts) => texts.length)).toEqual([100, 100, 50]);
      expect(calls.flat()).toEqual(numbers(250));
    },
  },
  {
    behaviour: 'a batch is sent when the next record would take its JSON over 6 MB',
    source: BATCHING,
    prove: async () => {
      const sizes: number[] = [];
      const megabytes = streamOf(
        numbers(6).map((n) => n.repeat(1_000_000)),
        { key: () => 'k' },
      );
      const measure: Answer = (_, event) => sizes.push(Buffer.byteLength(json(event)));
      const { calls, drain } = toyMapping(megabytes, measure, { windowSeconds: 0.05 });
      await drain();
      expect(calls.map((texts) => texts.length)).toEqual([4, 2]);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(6 * 1024 * 1024);
      expect((sizes[0] ?? 0) * (5 / 4)).toBeGreaterThan(6 * 1024 * 1024);
    },
  },
  {
    behaviour: 'a batch is sent when its window has passed, and before only if it is full',
    source: BATCHING,
    prove: async () => {
      const stream = streamOf(['a']);
      const { mapping, calls, drain } = toyMapping(stream, done, { batchSize: 3, windowSeconds: 0.4 });
      await sleep(40);
      stream.put([{ partitionKey: 'b', data: 'b' }]);
      await sleep(40);
      expect(calls).toEqual([]);
      await mapping.drained();
      const from = performance.now();
      stream.put(['c', 'd', 'e'].map((text) => ({ partitionKey: text, data: text })));
      await drain();
      expect(performance.now() - from).toBeLessThan(390);
      expect(calls).toEqual([
        ['a', 'b'],
        ['c', 'd', 'e'],
      ]);
    },
  },
  {
    behaviour: 'of a shard, one batch is in work at a time, in order; of several shards, one each',
    source: POLLING,
    prove: async () => {
      const { most, seen } = await inWork({ batchSize: 5 }, 3);
      expect(most).toBe(3);
      expect([...seen].sort()).toEqual(numbers(120).sort());
      expect((await inWork({ batchSize: 5 }, 1)).seen).toEqual(numbers(120));
    },
  },
  {
    behaviour: 'with a parallelizationFactor of 4, four batches of a shard, each partition key in order',
    source: POLLING,
    prove: async () => {
      const { most, seen } = await inWork({ batchSize: 5, parallelizationFactor: 4 }, 1);
      expect(most).toBe(4);
      for (let key = 0; key < 12; key += 1) {
        const ofKey = (text: string) => Number(text) % 12 === key;
        expect(seen.filter(ofKey)).toEqual(numbers(120).filter(ofKey));
      }
    },
  },
];

/** Delivers 120 records of 12 partition keys slowly, and tells how many batches were in work at most. */
const inWork = async (settings: Partial<EventSourceSettings>, shards: number) => {
  let running = 0;
  let most = 0;
  const seen: string[] = [];
  const stream = streamOf(numbers(120), { shards, key: (text) => `key-${Number(text) % 12}` });
  const slow: Answer = async (texts) => {
    running += 1;
    most = Math.max(most, running);
    await sleep(1 + Math.random() * 4);
    running -= 1;
    seen.push(...texts);
  };
  await toyMapping(stream, slow, settings).drain();
  return { most, seen };
};
