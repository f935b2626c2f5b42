import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { must } from '../../../src/errors.ts';
import { classifyShard } from '../../../src/pipeline/objects/classify-shard.ts';
import type { ObjectStore } from '../../../src/pipeline/objects/object-store.ts';
import { planShards, startRun } from '../../../src/pipeline/objects/plan.ts';
import { memoryObjects } from '../../../src/stores/objects/memory.ts';
import type { Classifier } from '../../../src/tasks/model.ts';
import type { LabelPrediction } from '../../../src/tasks/label-scores.ts';
import { objectModels, objectParts } from '../../support/object-runs.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is still used after all garbage is collected, in bytes. */
const retained = (): number => {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const lineOf = (number: number): string =>
  `{"id":"${String(number).padStart(8, '0')}","text":"How do I top up by card?"}\n`;
const LINE_BYTES = lineOf(0).length;
const LINES = 50_000;
const CHUNK_LINES = 500;
const SHARDS = 25;

/** Measures before that are of code that runs the first times. */
const WARM = 5;

/** A third of the texts, and less than what lines take in any form. */
const MOST_GROWTH = 2 ** 20;

/** An object in the bucket `in` that nobody holds, and outputs in parts of which nothing is kept. */
const streams = (onPart: (body: Uint8Array) => void): ObjectStore => {
  const store = memoryObjects(['in', 'out']);
  return {
    ...store,
    leastPartBytes: 160 * 1024,
    head: async (name) =>
      name.bucket === 'in' ? { ...name, etag: 'e', size: LINES * LINE_BYTES } : store.head(name),
    async *read(object, range) {
      if (object.bucket !== 'in') return yield* store.read(object, range);
      const end = (range?.end ?? LINES * LINE_BYTES) / LINE_BYTES;
      for (let line = (range?.start ?? 0) / LINE_BYTES; line < end; line += CHUNK_LINES) {
        const numbers = Array.from({ length: Math.min(CHUNK_LINES, end - line) }, (_, index) => line + index);
        yield Buffer.from(numbers.map(lineOf).join(''));
      }
    },
    put: async (name, body, options) =>
      store.put(name, name.key.endsWith('.json') ? body : new Uint8Array(), options),
    startUpload: async () => ({
      part: async (_, body) => onPart(body),
      copy: async () => undefined,
      complete: async () => 'written',
      abort: async () => undefined,
    }),
  };
};

/** The shards of that object, with a model that remembers no text. */
const planned = async (store: ObjectStore, shardBytes: number) => {
  const answer: LabelPrediction = { labels: [{ label: 'top_up_by_card', score: 0.5 }] };
  const load = async (id: string): Promise<Classifier> => ({
    ...{ id, task: 'text-classification', attribute: 'length' },
    classify: async (inputs) => inputs.map(() => answer),
  });
  const parts = objectParts({ store, models: { ...objectModels(), load }, settings: { shardBytes } });
  const run = await startRun({ bucket: 'in', key: 'a.jsonl' }, parts);
  return { parts, tasks: await planShards(run, parts) };
};

/** The growth of what is retained, once all code has run. */
const growth = (measured: readonly number[]): number =>
  must(measured.at(-1), 'last') - must(measured[WARM], 'warm');

describe('memory', () => {
  test('does not grow with the lines of a shard', async () => {
    const measured: number[] = [];
    const buffers = new Set<ArrayBufferLike>();
    const onPart = (body: Uint8Array): void => {
      buffers.add(body.buffer);
      measured.push(retained());
    };
    const { parts, tasks } = await planned(streams(onPart), LINES * LINE_BYTES);
    expect(tasks).toHaveLength(1);
    await classifyShard(must(tasks[0], 'shard'), parts);
    expect(measured.length).toBeGreaterThan(3 * WARM);
    expect(growth(measured)).toBeLessThan(MOST_GROWTH);
    // Those of parts that are sent are used again: as garbage they would stay until all of the heap is collected.
    expect(buffers.size).toBe(2);
  });

  test('does not grow with shards', async () => {
    const measured: number[] = [];
    const buffers = new Set<ArrayBufferLike>();
    const shardBytes = (LINES * LINE_BYTES) / SHARDS;
    const { parts, tasks } = await planned(
      streams((body) => void buffers.add(body.buffer)),
      shardBytes,
    );
    expect(tasks).toHaveLength(SHARDS);
    for (const task of tasks.slice(0, -1)) {
      await classifyShard(task, parts);
      measured.push(retained());
    }
    expect(growth(measured)).toBeLessThan(MOST_GROWTH);
    expect(buffers.size).toBeLessThanOrEqual(2);
  });
});
