import type { ObjectStore } from '../../src/pipeline/objects/object-store.ts';
import { memoryObjects } from '../../src/stores/objects/memory.ts';
import { wirePredict } from '../../src/wire/predict.ts';
import { wireServer } from '../../src/wire/server.ts';
import { type TestApi, testApi } from '../support/predict-api.ts';
import { CARD, publishedModelsWorld, type PublishedModelsWorld } from '../support/published-models.ts';

let objects: ObjectStore;
let world: PublishedModelsWorld;

beforeEach(async () => {
  objects = memoryObjects(['models']);
  world = publishedModelsWorld(objects);
  await world.publish('1');
  await world.use('1');
});
afterEach(() => {
  jest.restoreAllMocks();
  world.remove();
});

const environment = () => ({ MODEL: 'cards', MODELS_DIR: world.url, MODELS_CACHE_DIR: world.cache });

/** Seconds in which the pointer is not looked at again. */
const REFRESH_MS = 60_000;

const later = (): void => {
  const now = performance.now() + REFRESH_MS;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
};

const requests = ({ request, post }: TestApi) => {
  const send = async (path: string, body?: object): Promise<{ status: number; json: unknown }> => {
    const response = await (body === undefined ? request(path) : post(path, body));
    return { status: response.status, json: await response.json() };
  };
  const label = async (body: object = {}, path = '/'): Promise<unknown> => {
    const { status, json } = await send(path, { inputs: CARD, ...body });
    return status === 200 ? (json as { label: string }[][])[0]?.[0]?.label : status;
  };
  return { send, label };
};

describe('the prediction API over models in S3', () => {
  it('answers with the version in use, or with one that a request names', async () => {
    const { send, label } = requests(testApi(await wirePredict(environment(), { objects })));
    expect(await label()).toBe('v1 card');
    await world.publish('2');
    await world.publish('1', { name: 'other', says: 'other' });
    await world.use('1', { name: 'other' });
    expect(await label({ model: 'cards@2' })).toBe('v2 card');
    expect(await label({}, '/models/other')).toBe('other card');
    expect(await label({ model: 'nobody' })).toBe(404);
    await world.use('2');
    expect(await label()).toBe('v1 card');
    later();
    expect(await label()).toBe('v2 card');

    const { json } = await send('/models');
    expect(json).toMatchObject([
      { id: 'cards@1', default: false },
      { id: 'cards@2', default: true, labels: ['v2 card', 'v2 pin', 'v2 transfer'] },
      { id: 'other@1', default: false },
    ]);
  });

  it('lists models that nobody has asked for yet, without fetching them', async () => {
    await world.publish('1', { name: 'other', says: 'other' });
    await world.use('1', { name: 'other' });
    const { send } = requests(testApi(await wirePredict(environment(), { objects })));
    const read = jest.spyOn(objects, 'read');
    const { json } = await send('/models');
    expect(json).toMatchObject([
      { id: 'cards@1' },
      { id: 'other@1', labels: ['other card', 'other pin', 'other transfer'] },
    ]);
    expect(read.mock.calls.filter(([{ key }]) => key.includes('other/1/classifier'))).toEqual([]);
  });
});

it('the server answers with the version that it has, while it loads another', async () => {
  const parts = await wireServer(environment(), { objects });
  const { label } = requests(testApi(parts));
  expect(await label()).toBe('v1 card');
  await world.publish('2');
  await world.use('2');
  const { read } = objects;
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  objects.read = async function* (...given) {
    await held;
    yield* read(...given);
  };
  later();
  expect(await label()).toBe('v1 card');
  release();
  // It is taken up as soon as it is loaded.
  for (let said: unknown = 'v1 card'; said !== 'v2 card'; said = await label()) expect(said).toBe('v1 card');
});
