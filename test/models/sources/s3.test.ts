import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import fsPromises from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError, TransientError } from '../../../src/errors.ts';
import type { ChangingModels, ModelFolder } from '../../../src/models/folder/model-folder.ts';
import { s3Models } from '../../../src/models/sources/s3.ts';
import { modelsLocation } from '../../../src/models/sources/s3/layout.ts';
import { ObjectError, type ObjectStore } from '../../../src/pipeline/objects/object-store.ts';
import { memoryObjects } from '../../../src/stores/objects/memory.ts';
import { publishedModelsWorld, type PublishedModelsWorld } from '../../support/published-models.ts';

let objects: ObjectStore;
/** Keys that were read. */
let reads: string[];
let world: PublishedModelsWorld;
let source: ChangingModels;

const none = (): boolean => false;

beforeEach(() => {
  const stored = memoryObjects(['models']);
  reads = [];
  objects = {
    ...stored,
    read: (object, range) => {
      reads.push(object.key);
      return stored.read(object, range);
    },
  };
  world = publishedModelsWorld(objects);
  source = open();
});
afterEach(() => {
  jest.restoreAllMocks();
  world.remove();
});

const open = (maxBytes = 10 ** 9, folder = world.cache): ChangingModels =>
  s3Models(objects, modelsLocation(world.url), { folder, maxBytes });

const found = async (name: string): Promise<ModelFolder> => {
  const model = await source.find(name);
  if (model === undefined) throw new Error(`${name} not found`);
  return model;
};

const put = (key: string, content: unknown): Promise<unknown> =>
  objects.put(
    { bucket: 'models', key: `stage/${key}` },
    Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
  );

const text = async (key: string): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of objects.read(await objects.head({ bucket: 'models', key: `stage/${key}` })))
    chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

/** Changes what is published, as nobody should. */
const edit = async (key: string, change: (content: string) => string): Promise<void> => {
  await put(key, change(await text(key)));
};

const folders = (): readonly string[] =>
  existsSync(join(world.cache, 'cards')) ? readdirSync(join(world.cache, 'cards')).sort() : [];

describe('models in S3', () => {
  it('are found by the version in use, or by a version of its own', async () => {
    await world.publish('1');
    await world.publish('2');
    expect(await source.find('cards')).toBeUndefined();
    await world.use('1');
    expect((await found('cards')).manifest.version).toBe('1');
    expect((await found('cards@2')).manifest.version).toBe('2');
    expect(await source.find('cards@3')).toBeUndefined();
    expect([...(await source.names())].toSorted()).toEqual(['cards', 'cards@1', 'cards@2']);
  });

  it.each(['..', '../x', 'a@..', 'a@../../b', 'a/b', '', 'a@', 'x'.repeat(200)])(
    'are not looked for by %j',
    async (name) => {
      expect(await source.find(name)).toBeUndefined();
      expect(reads).toEqual([]);
    },
  );

  it('are asked for their pointer only, as long as that is the same', async () => {
    await world.publish('1');
    await world.use('1');
    await found('cards');
    reads.length = 0;
    await found('cards');
    expect(reads).toEqual([]);
  });

  it('are fetched once, however many ask, into a folder that appears when it is complete', async () => {
    await world.publish('1');
    reads.length = 0;
    const model = await found('cards@1');
    expect(existsSync(model.folder)).toBe(false);
    await Promise.all(Array.from({ length: 20 }, () => source.fetch(model, none)));
    expect(reads.filter((key) => key.endsWith('classifier.onnx'))).toHaveLength(1);
    expect(readdirSync(model.folder).sort()).toEqual([
      'classifier.onnx',
      'examples.json',
      'model.json',
      'vectorizer1.json',
    ]);
    expect(readdirSync(world.cache)).toEqual(['cards']);
    await source.fetch(model, none);
    expect(reads.filter((key) => key.endsWith('classifier.onnx'))).toHaveLength(1);
  });

  it('are fetched by two processes that share a folder, each in its own part of it', async () => {
    await world.publish('1');
    const model = await found('cards@1');
    const other = open();
    await other.find('cards@1');
    await Promise.all([source.fetch(model, none), other.fetch(model, none)]);
    expect(folders()).toHaveLength(1);
    expect(readdirSync(world.cache)).toEqual(['cards']);
  });
});

describe('a version that is not what it should be', () => {
  beforeEach(async () => {
    await world.publish('1');
    await world.use('1');
  });

  const refused = async (): Promise<unknown> => {
    const fetching = found('cards@1').then((model) => source.fetch(model, none));
    return fetching.then(
      () => undefined,
      (error: unknown) => error,
    );
  };

  it.each([
    ['cut off', (content: string) => content.slice(0, -1)],
    ['longer', (content: string) => `${content} `],
    ['of the same size', (content: string) => content.replace('0', '1')],
  ])('is refused where a file is %s, and leaves nothing', async (_, change) => {
    await edit('cards/1/vectorizer1.json', change);
    const error = await refused();
    expect(error).toBeInstanceOf(ModelError);
    expect(String(error)).toMatch(/vectorizer1\.json is not the file of its manifest: expected \d+ bytes/);
    expect(folders()).toEqual([]);
    expect(readdirSync(world.cache)).toEqual([]);
  });

  it('is refused where a file is missing', async () => {
    await objects.delete('models', ['stage/cards/1/classifier.onnx']);
    expect(String(await refused())).toMatch(/classifier\.onnx is missing, though the manifest/);
  });

  it.each(['../../etc/passwd', '/etc/passwd', 'a/../../b', 'c:\\x', ''])(
    'is refused where its manifest names the file %j',
    async (file) => {
      const manifest = JSON.parse(await text('cards/1/model.json'));
      manifest.published.files[file] = { sha256: '0'.repeat(64), bytes: 1 };
      await put('cards/1/model.json', manifest);
      await expect(source.find('cards@1')).rejects.toThrow(ModelError);
    },
  );

  it('is refused where it is larger than all models may be', async () => {
    source = open(1_000);
    expect(String(await refused())).toMatch(/larger than MODELS_DISK_MB allows/);
  });

  it('is refused where its manifest is that of another, or lists no examples', async () => {
    await edit('cards/1/model.json', (content) => content.replace('"1"', '"7"'));
    await expect(source.find('cards@1')).rejects.toThrow('is that of cards@7');
    const manifest = JSON.parse((await text('cards/1/model.json')).replace('"7"', '"1"'));
    delete manifest.published.files['examples.json'];
    await put('cards/1/model.json', manifest);
    await expect(source.find('cards@1')).rejects.toThrow('does not list the files');
  });

  it('is refused where the pointer has another digest of it, after a second look', async () => {
    await edit('cards/1/model.json', (content) => `${content} `);
    reads.length = 0;
    await expect(source.find('cards')).rejects.toThrow('whose model.json has another digest');
    expect(reads.filter((key) => key.endsWith('current.json'))).toHaveLength(2);
  });

  it('is found where the pointer was replaced between two looks', async () => {
    await world.publish('2');
    const { version } = JSON.parse(await text('cards/current.json'));
    expect(version).toBe('1');
    const { head } = objects;
    let looks = 0;
    // Somebody uses version 2 after the pointer was read, and version 1 is deleted.
    objects.head = async (name, id) => {
      if (name.key.endsWith('cards/1/model.json') && looks++ === 0) {
        await world.use('2');
        await objects.delete('models', ['stage/cards/1/model.json']);
      }
      return head(name, id);
    };
    expect((await found('cards')).manifest.version).toBe('2');
  });

  it('waits where S3 cannot be read, and says who has to act', async () => {
    objects.read = async function* () {
      throw new ObjectError('access-denied', 'not allowed');
      yield new Uint8Array();
    };
    const error = await source.find('cards').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ isLasting: true });
  });
});

describe('the folder of fetched models', () => {
  const fetched = async (version: string): Promise<string> => {
    const model = await found(`cards@${version}`);
    await source.fetch(model, none);
    return model.folder;
  };

  it('keeps the models that were used last, and those in memory, within its limit', async () => {
    for (const version of ['1', '2', '3', '4']) await world.publish(version);
    // Two of them fit.
    source = open(110_000);
    const one = await fetched('1');
    await fetched('2');
    const old = new Date(Date.now() - 60_000);
    await fsPromises.utimes(one, old, old);
    await fetched('3');
    expect(folders().map((name) => name.split('-')[0])).toEqual(['2', '3']);
    const two = (await found('cards@2')).folder;
    await fsPromises.utimes(two, old, old);
    const four = await found('cards@4');
    await source.fetch(four, (folder) => folder === two);
    expect(folders().map((name) => name.split('-')[0])).toEqual(['2', '4']);
  });

  it('loses what killed fetches left, and not what others are fetching', async () => {
    await world.publish('1');
    const [killed, own, others] = [
      join(world.cache, '.part-999999999-a'),
      join(world.cache, `.part-${process.pid}-a`),
      join(world.cache, `.part-${process.ppid}-a`),
    ];
    for (const part of [killed, own, others]) {
      mkdirSync(part, { recursive: true });
      writeFileSync(join(part, 'classifier.onnx'), 'half');
    }
    source = open();
    await fetched('1');
    expect(readdirSync(world.cache).sort()).toEqual([`.part-${process.ppid}-a`, 'cards']);
  });

  it.each(['ENOSPC', 'EDQUOT'])('has the records wait where the disk is full (%s)', async (code) => {
    await world.publish('1');
    const model = await found('cards@1');
    jest
      .spyOn(fsPromises, 'open')
      .mockRejectedValueOnce(Object.assign(new Error('full'), { code, syscall: 'open' }));
    const error = await source.fetch(model, none).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransientError);
    expect(String(error)).toContain('the disk is full');
    expect(readdirSync(world.cache)).toEqual([]);
    await source.fetch(model, none);
    expect(folders()).toHaveLength(1);
  });
});
