import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { ConfigError, must, PermanentError, TransientError } from '../../../src/errors.ts';
import { classifyShard } from '../../../src/pipeline/objects/classify-shard.ts';
import { ObjectError, type ObjectStore } from '../../../src/pipeline/objects/object-store.ts';
import { finishedRun, planShards, startRun } from '../../../src/pipeline/objects/plan.ts';
import { readShard } from '../../../src/pipeline/objects/read-shard.ts';
import type { ObjectParts, ObjectRecord } from '../../../src/pipeline/objects/run.ts';
import { seededRandom } from '../../../src/tools/random.ts';
import { memoryObjects } from '../../../src/stores/objects/memory.ts';
import {
  keysIn,
  objectModels,
  objectParts,
  putObject,
  runObject,
  type RunOptions,
} from '../../support/object-runs.ts';

const LINES = '{"text":"a"}\n{"text":"bb"}\n{"text":"a"}\n';

/** A run of an object and its shards. */
const planned = async (options: RunOptions = {}, body = LINES) => {
  const parts = objectParts(options);
  await putObject(parts, 'a.jsonl', body);
  const run = await startRun({ bucket: 'in', key: 'a.jsonl' }, parts, options.model);
  return { parts, run, tasks: await planShards(run, parts) };
};

const only = ({ tasks }: Awaited<ReturnType<typeof planned>>) => must(tasks[0], 'shard');

/** A store whose reads of the bucket `in` begin with something else. */
const before = (store: ObjectStore, happening: () => Promise<void> | void): ObjectStore => ({
  ...store,
  async *read(object, range) {
    if (object.bucket === 'in') await happening();
    yield* store.read(object, range);
  },
});

describe('what becomes of a shard', () => {
  test('the manifest says what was done', async () => {
    let time = 1_000;
    const world = await planned();
    const parts: ObjectParts = { ...world.parts, now: () => (time += 1_500) };
    const outcome = await classifyShard(only(world), parts);
    const { source } = world.run;
    const key = `length@1/${source.etag}/a.jsonl.out`;
    expect(outcome).toEqual({
      kind: 'done',
      manifest: {
        status: 'complete',
        run: world.run.id,
        model: 'length@1',
        source,
        output: { bucket: 'out', key, bytes: 183 },
        counts: { lines: 3, labelled: 3, errors: {} },
        shards: [{ start: 0, bytes: 183, lines: 3, sha256: expect.stringMatching(/^[\da-f]{64}$/) }],
        seconds: 1.5,
      },
    });
    expect(await keysIn(parts, 'out')).toEqual(
      [`length@1/${source.etag}/a.jsonl.manifest.json`, key].toSorted(),
    );
  });

  test('equal texts are classified once, and a run that is done not again', async () => {
    const asked: string[] = [];
    const world = await planned({ models: objectModels(asked) });
    const first = await classifyShard(only(world), world.parts);
    expect(asked).toEqual(['a', 'bb']);
    expect(await classifyShard(only(world), world.parts)).toEqual(first);
    expect(asked).toEqual(['a', 'bb']);
  });

  test('an attempt that ended before the manifest is finished by the next', async () => {
    const store = memoryObjects(['in', 'out']);
    const cut: ObjectStore = {
      ...store,
      put: async (name, ...rest) => {
        if (name.key.endsWith('.manifest.json')) throw new TransientError('cut');
        return store.put(name, ...rest);
      },
    };
    const world = await planned({ store: cut });
    await expect(classifyShard(only(world), world.parts)).rejects.toThrow('cut');
    const outcome = await classifyShard(only(world), objectParts({ store }));
    expect(outcome).toMatchObject({ kind: 'done', manifest: { status: 'complete' } });
  });

  test('an output of other settings without a manifest is left, and told', async () => {
    const world = await planned();
    const name = { bucket: 'out', key: `length@1/${world.run.source.etag}/a.jsonl.out` };
    await world.parts.store.put(name, Buffer.from('other'));
    await expect(classifyShard(only(world), world.parts)).rejects.toMatchObject({
      isLasting: true,
      message: expect.stringContaining('was written with other settings'),
    });
  });

  test.each([
    ['deleted', (store: ObjectStore) => store.delete('in', ['a.jsonl'])],
    [
      'replaced',
      async (store: ObjectStore) =>
        void (await store.put({ bucket: 'in', key: 'a.jsonl' }, Buffer.from('{}'))),
    ],
  ])('an object that is %s before it is read is superseded', async (_, change) => {
    const store = memoryObjects(['in', 'out']);
    const world = await planned({ store, settings: { shardBytes: 10 } });
    expect(world.tasks).toHaveLength(3);
    expect(await classifyShard(only(world), world.parts)).toEqual({ kind: 'partial' });
    await change(store);
    expect(await classifyShard(must(world.tasks[1], 'shard'), world.parts)).toMatchObject({
      kind: 'superseded',
    });
    expect(await keysIn(world.parts, 'out')).toEqual([]);
  });

  test.each(['access-denied', 'wrong-region', 'no-such-bucket'] as const)(
    '%s: an operator has to act',
    async (code) => {
      const store = before(memoryObjects(['in', 'out']), () => {
        throw new ObjectError(code, `not so: ${code}`);
      });
      const world = await planned({ store });
      await expect(classifyShard(only(world), world.parts)).rejects.toMatchObject({
        name: 'TransientError',
        isLasting: true,
        message: `not so: ${code}`,
      });
      expect(await keysIn(world.parts, 'out')).toEqual([]);
    },
  );

  test('a model that fails fails the shard, and nothing is written', async () => {
    const world = await planned({ model: 'broken' });
    await expect(classifyShard(only(world), world.parts)).rejects.toBeInstanceOf(TransientError);
    expect(await keysIn(world.parts, 'out')).toEqual([]);
  });

  test('the signal ends it, and nothing is written', async () => {
    const stop = new AbortController();
    const store = before(memoryObjects(['in', 'out']), () => stop.abort(new Error('no time left')));
    const world = await planned({ store });
    await expect(classifyShard(only(world), world.parts, stop.signal)).rejects.toThrow('no time left');
    expect(await keysIn(world.parts, 'out')).toEqual([]);
  });
});

describe('runs', () => {
  test('another model is another output', async () => {
    const store = memoryObjects(['in', 'out']);
    const one = await runObject('a.jsonl', LINES, { store });
    const other = await runObject('a.jsonl', LINES, { store, model: 'refuses' });
    expect(other.manifest.output?.key).not.toBe(one.manifest.output?.key);
    expect(other.manifest.counts).toEqual({ lines: 3, labelled: 0, errors: { 'inference-failed': 3 } });
  });

  test('under plain names another run replaces the output', async () => {
    const store = memoryObjects(['in', 'out']);
    const settings = { output: { bucket: 'out', prefix: 'labels/', naming: 'plain' } } as const;
    await runObject('a.jsonl', LINES, { store, settings });
    const { manifest, output } = await runObject('a.jsonl', '{"text":"new"}', { store, settings });
    expect(output).toBe('{"recordId":1,"label":"n3","score":0.25,"model":"length@1"}\n');
    expect(manifest.output?.key).toBe('labels/a.jsonl.out');
    expect(await keysIn(objectParts({ store }), 'out')).toEqual([
      'labels/a.jsonl.manifest.json',
      'labels/a.jsonl.out',
    ]);
  });

  test('the model has to be known, and be one', async () => {
    const parts = objectParts();
    await putObject(parts, 'a.jsonl', LINES);
    const name = { bucket: 'in', key: 'a.jsonl' };
    await expect(startRun(name, parts, 'nobody')).rejects.toBeInstanceOf(PermanentError);
    const two = {
      ...parts,
      models: { ...parts.models, resolve: () => parts.models.resolve(['length', 'refuses']) },
    };
    await expect(startRun(name, two)).rejects.toBeInstanceOf(ConfigError);
    await expect(startRun({ bucket: 'in', key: 'b.jsonl' }, parts)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test("an unknown model of a line is the run's, where the registry says the default ones", async () => {
    const models = objectModels();
    const both = models.resolve(['length', 'refuses']);
    const lenient = {
      ...models,
      resolve: (names?: readonly string[]) => (names?.includes('nobody') ? both : models.resolve(names)),
    };
    const { output } = await runObject('a.jsonl', '{"text":"a","model_type":"nobody"}', { models: lenient });
    expect(output).toContain('"model":"length@1"');
  });

  test('a model beside has the next lines ready, and the order stays', async () => {
    const models = objectModels();
    let inWork = 0;
    let most = 0;
    const beside = {
      ...models,
      load: async (id: string) => {
        const model = await models.load(id);
        return {
          ...model,
          isBeside: true,
          classify: async (inputs: Parameters<typeof model.classify>[0]) => {
            most = Math.max(most, (inWork += 1));
            await new Promise(setImmediate);
            inWork -= 1;
            return model.classify(inputs);
          },
        };
      },
    };
    const body = Array.from({ length: 20 }, (_, line) => JSON.stringify({ text: 'x'.repeat(line) })).join(
      '\n',
    );
    const settings = { chunkSize: 3 };
    const { output } = await runObject('a.jsonl', body, { models: beside, settings });
    expect(most).toBe(2);
    expect(output).toBe((await runObject('a.jsonl', body, { settings })).output);
  });
});

test.each(['a.jsonl', 'a.csv', 'a.txt', 'b.txt.gz', 'cut.txt.gz'])(
  '%s: what is opened is closed',
  async (key) => {
    const random = seededRandom(1);
    const text = `text\n${Array.from({ length: 20_000 }, () => `${random()}\n`).join('')}`;
    const packed = gzipSync(text);
    const body = key.startsWith('cut') ? packed.subarray(0, -9) : key.endsWith('.gz') ? packed : text;
    let open = 0;
    const memory = memoryObjects(['in', 'out']);
    const store: ObjectStore = {
      ...memory,
      async *read(object, range) {
        open += 1;
        try {
          yield* memory.read(object, range);
        } finally {
          open -= 1;
        }
      },
    };
    const settings = { shardBytes: 100_000 };
    const asked: string[] = [];
    await runObject(key, body, {
      store,
      settings,
      models: objectModels(asked),
    });
    expect(open).toBe(0);
    const parts = objectParts({ store, settings });
    const stop = new AbortController();
    const tasks = await planShards(await startRun({ bucket: 'in', key }, parts), parts);
    expect(open).toBe(0);
    for await (const _ of readShard(must(tasks[0], 'shard'), parts)) break;
    expect(open).toBe(0);
    stop.abort(new Error('no time left'));
    const other = objectParts({
      store,
      settings: { ...settings, output: { bucket: 'out', prefix: 'x/', naming: 'plain' } },
    });
    const run = await startRun({ bucket: 'in', key }, other);
    const [task] = await planShards(run, other);
    await expect(classifyShard(must(task, 'shard'), other, stop.signal)).rejects.toThrow('no time left');
    expect(open).toBe(0);
  },
);

test('outputs of many megabytes are written in parts, and copied together', async () => {
  const body = Array.from({ length: 260_000 }, (_, line) => `${line} ${'x'.repeat(line % 40)}`).join('\n');
  const [one, several] = [
    await runObject('a.txt', body, { settings: { chunkSize: 2_000 } }),
    await runObject('a.txt', body, { settings: { chunkSize: 2_000, shardBytes: 1_000_000 } }),
  ];
  expect(one.manifest.output?.bytes).toBeGreaterThan(15_000_000);
  expect(several.manifest.shards.length).toBeGreaterThan(5);
  expect(several.output === one.output).toBe(true);
  expect(one.output?.split('\n').at(-2)).toMatch(/^{"recordId":260000,/);
});

describe('readShard', () => {
  const recordsOf = async (key: string, body: string | Uint8Array): Promise<readonly ObjectRecord[]> => {
    const parts = objectParts({ settings: { shardBytes: 20 } });
    await putObject(parts, key, body);
    const tasks = await planShards(await startRun({ bucket: 'in', key }, parts), parts);
    const records: ObjectRecord[] = [];
    for (const task of tasks) for await (const record of readShard(task, parts)) records.push(record);
    return records;
  };

  test('gives whole records with their ids', async () => {
    expect(await recordsOf('a.jsonl', '{"id":"x","text":"a","n":1.50}\n{"text":"b"}')).toEqual([
      { id: 'x', item: { id: { S: 'x' }, text: { S: 'a' }, n: { N: '1.5' } } },
      { id: 2, item: { text: { S: 'b' } } },
    ]);
    expect(await recordsOf('a.csv', 'id,text\nx,a\n,b\n')).toEqual([
      { id: 'x', item: { id: { S: 'x' }, text: { S: 'a' } } },
      { id: 2, item: { id: { S: '' }, text: { S: 'b' } } },
    ]);
    expect(await recordsOf('a.txt', 'a')).toEqual([{ id: 1, item: { text: { S: 'a' } } }]);
    const item = { id: { S: 'x' }, text: { S: 'a' }, n: { N: '1.50' } };
    const line = JSON.stringify({ Item: item });
    expect(await recordsOf('AWSDynamoDB/1/data/a.json.gz', gzipSync(line))).toEqual([{ id: 'x', item }]);
  });

  test('gives the rows of Parquet with all of their columns', async () => {
    const file = parquetWriteBuffer({
      columnData: [
        { name: 'text', data: ['a', null, 'c'], type: 'STRING' },
        { name: 'n', data: [1n, 2n, 3n], type: 'INT64' },
        { name: 'tags', data: [{ a: [true] }, null, {}], type: 'JSON' },
      ],
      rowGroupSize: 2,
    });
    expect(await recordsOf('a.parquet', new Uint8Array(file))).toEqual([
      { id: 1, item: { text: { S: 'a' }, n: { N: '1' }, tags: { M: { a: { L: [{ BOOL: true }] } } } } },
      { id: 2, item: { text: { NULL: true }, n: { N: '2' }, tags: { NULL: true } } },
      { id: 3, item: { text: { S: 'c' }, n: { N: '3' }, tags: { M: {} } } },
    ]);
  });

  test('says what cannot be read', async () => {
    const world = await planned({}, '{"text":"a"}\nnope');
    const errors: string[] = [];
    for await (const _ of readShard(only(world), world.parts, undefined, ({ code }) => errors.push(code)));
    expect(errors).toEqual(['bad-json']);
    expect(await finishedRun(world.run, world.parts)).toBeUndefined();
  });
});
