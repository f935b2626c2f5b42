import { rmSync } from 'node:fs';
import { PermanentError, TransientError } from '../../../src/errors.ts';
import type { ModelRegistry } from '../../../src/models/catalogue/registry.ts';
import type { ObjectStore } from '../../../src/pipeline/objects/object-store.ts';
import { memoryObjects } from '../../../src/stores/objects/memory.ts';
import { rollBackInS3 } from '../../../src/tools/stage/models/s3/use.ts';
import { listModels, openModels } from '../../../src/wire/models.ts';
import { ask } from '../../support/ask-models.ts';
import { CARD, publishedModelsWorld, type PublishedModelsWorld } from '../../support/published-models.ts';

let objects: ObjectStore;
let world: PublishedModelsWorld;
let faults: { readonly id: string; readonly error: Error }[];
let uses: string[];

beforeEach(() => {
  objects = memoryObjects(['models']);
  world = publishedModelsWorld(objects);
  faults = [];
  uses = [];
});
afterEach(() => world.remove());

const open = async (options: { readonly model?: string; readonly refresh?: number } = {}) => {
  const { model = 'cards', refresh = 0 } = options;
  const settings = {
    MODEL: [model],
    MODELS_DIR: world.url,
    MODELS_CACHE_DIR: world.cache,
    MODELS_REFRESH_SECONDS: refresh,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: 1_769,
  };
  return openModels(settings, await listModels(settings, undefined, objects), {
    onFault: (fault) => faults.push(fault),
    onUse: ({ id, before }) => uses.push(`${before} → ${id}`),
  });
};

/** What a batch of one text gets, by the names that its item has. */
const label = async (models: ModelRegistry, names?: readonly string[]): Promise<unknown> =>
  ask(models, CARD, names);

describe('a version that is put in use', () => {
  beforeEach(async () => {
    await world.publish('1');
    await world.use('1');
  });

  it('labels the next batch, without anything being opened again', async () => {
    const models = await open();
    expect(await label(models)).toBe('v1 card');
    await world.publish('2');
    expect(await label(models)).toBe('v1 card');
    await world.use('2');
    expect(await label(models)).toBe('v2 card');
    expect(uses).toEqual(['cards@1 → cards@2']);
    await rollBackInS3(world.models, 'cards');
    expect(await label(models)).toBe('v1 card');
    expect(faults).toEqual([]);
  });

  it('is looked for at most every so many seconds', async () => {
    const models = await open({ refresh: 3_600 });
    await label(models);
    await world.publish('2');
    await world.use('2');
    expect(await label(models)).toBe('v1 card');
    expect(await label(await open())).toBe('v2 card');
  });

  it('is not the other way about: what was resolved before is still loaded and answered', async () => {
    const models = await open();
    await models.renew?.();
    const [resolved] = models.resolve();
    await world.publish('2');
    await world.use('2');
    await models.renew?.();
    expect(models.resolve().map(({ id }) => id)).toEqual(['cards@2']);
    const old = await models.load(resolved?.id ?? '');
    expect(await old.classify([CARD])).toMatchObject([{ labels: [{ label: 'v1 card' }] }]);
  });

  it('is not used where it does not answer its examples as expected', async () => {
    const models = await open();
    await world.publish('2', { isBad: true });
    await expect(world.use('2')).rejects.toThrow('8 of 8 examples are not as expected');
    await world.use('2', { verify: false });
    expect(await label(models)).toBe('v1 card');
    expect(faults[0]).toMatchObject({ id: 'cards@2', error: { message: expect.stringContaining('8 of 8') } });
    // The texts of examples are not for a log.
    expect(String(faults[0]?.error)).not.toContain(CARD);
    await world.publish('3');
    await world.use('3');
    expect(await label(models)).toBe('v3 card');
  });

  it('is not used by who begins with it, where one that was used before works', async () => {
    await world.publish('2', { isBad: true });
    await world.use('2', { verify: false });
    const models = await open();
    expect(await label(models)).toBe('v1 card');
    expect(uses).toEqual(['cards@2 → cards@1']);
  });

  it('has the records wait where there is no other', async () => {
    await world.publish('1', { name: 'only', isBad: true });
    await world.use('1', { name: 'only', verify: false });
    expect(await label(await open({ model: 'only' }))).toBeInstanceOf(TransientError);
  });

  it('is refused where its labels would overwrite those of another default model, and the other stays', async () => {
    await world.publish('1', { name: 'topics', fields: { attribute: 'topic' } });
    await world.use('1', { name: 'topics' });
    const settings = {
      MODEL: ['cards', 'topics'],
      MODELS_DIR: world.url,
      MODELS_CACHE_DIR: world.cache,
      MODELS_REFRESH_SECONDS: 0,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: 1_769,
    };
    const models = openModels(settings, await listModels(settings, undefined, objects), {
      onFault: (fault) => faults.push(fault),
    });
    await world.publish('2', { name: 'topics' });
    await world.use('2', { name: 'topics' });
    await models.renew?.();
    expect(models.resolve().map(({ id }) => id)).toEqual(['cards@1', 'topics@1']);
    expect(faults[0]).toMatchObject({
      id: 'topics@2',
      error: { message: expect.stringContaining('both write label') },
    });
  });

  it('is used again after its files were deleted from the disk', async () => {
    const models = await open();
    await label(models);
    await world.publish('2');
    await world.use('2');
    await label(models);
    rmSync(world.cache, { recursive: true });
    const again = await open();
    expect(await label(again)).toBe('v2 card');
  });
});

describe('a model that an item names', () => {
  beforeEach(async () => {
    await world.publish('1');
    await world.publish('2');
    await world.use('1');
    await world.publish('1', { name: 'other', says: 'other' });
    await world.use('1', { name: 'other' });
  });

  it('is fetched when it is named, by its name or its version', async () => {
    const models = await open();
    expect(await label(models, ['cards@2'])).toBe('v2 card');
    expect(await label(models, ['other'])).toBe('other card');
    expect(await label(models)).toBe('v1 card');
  });

  it('is unknown where there is none, and for as long as names are kept', async () => {
    const models = await open({ refresh: 3_600 });
    const list = jest.spyOn(objects, 'list');
    expect(await label(models, ['nobody'])).toMatchObject({ code: 'unknown-model' });
    expect(await label(models, ['nobody'])).toBeInstanceOf(PermanentError);
    expect(list).toHaveBeenCalledTimes(1);
    expect(await label(models, ['../../etc/passwd'])).toBeInstanceOf(PermanentError);
  });

  it('is not unknown, but waits, where it cannot be looked for', async () => {
    const models = await open();
    await label(models);
    const { head, list } = objects;
    objects.head = () => Promise.reject(new TransientError('S3 is down'));
    expect(await label(models, ['other'])).toBeInstanceOf(TransientError);
    objects.list = () => {
      throw new TransientError('S3 is down');
    };
    expect(await label(models, ['other'])).toBeInstanceOf(TransientError);
    expect(await label(models)).toBe('v1 card');
    Object.assign(objects, { head, list });
    expect(await label(models, ['other'])).toBe('other card');
  });

  it('is looked for in one list, where many are named', async () => {
    const models = await open();
    await label(models);
    const head = jest.spyOn(objects, 'head');
    for (let index = 0; index < 100; index += 1)
      expect(() => models.resolve([`nobody${index}`])).toThrow(PermanentError);
    expect(() => models.resolve(['other'])).toThrow(PermanentError);
    expect(await models.renew?.()).toBe(true);
    expect(head.mock.calls.filter(([{ key }]) => key.includes('nobody'))).toEqual([]);
    expect(models.resolve(['other'])).toMatchObject([{ id: 'other@1' }]);
  });
});

describe('a cascade in S3', () => {
  it('gets its stages, and takes up their new versions', async () => {
    await world.publish('1');
    await world.use('1');
    await world.publish('1', { name: 'second', says: 'v1' });
    await world.use('1', { name: 'second' });
    const manifest = {
      name: 'both',
      version: '1',
      format: 'cascade',
      stages: [{ model: 'cards', threshold: 0 }, { model: 'second@1' }],
    };
    const examples = [{ text: CARD, label: 'v1 card', score: 0.73578 }];
    await world.publishFolder('both', '1', { 'model.json': manifest, 'examples.json': examples });
    await world.use('1', { name: 'both' });
    const models = await open({ model: 'both' });
    expect(await label(models)).toBe('v1 card');
    // A stage with other labels would not go together with the others.
    await world.publish('2');
    await world.use('2');
    expect(await label(models)).toBe('v1 card');
    expect(faults[0]).toMatchObject({
      id: 'cards@2',
      error: { message: expect.stringContaining('give different labels') },
    });
    await world.publish('3', { says: 'v1' });
    await world.use('3');
    expect(await label(models)).toBe('v1 card');
    expect(models.loaded()).toContain('cards@3');
    expect(uses).toEqual(['cards@1 → cards@3']);
  });
});
