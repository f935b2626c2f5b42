import { setTimeout as sleep } from 'node:timers/promises';
import { s3Objects } from '../../src/stores/objects/s3.ts';
import { LOCAL_CREDENTIALS } from '../../src/tools/emulators/aws/aws-clients.ts';
import { ACCESS_DENIED } from '../../src/tools/emulators/aws/s3/faults.ts';
import { rollBackInS3 } from '../../src/tools/stage/models/s3/use.ts';
import { startClassifyStream, type TestFunction } from '../support/classify-stream.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { s3World, type S3World } from '../support/embedded-s3.ts';
import { CARD, publishedModelsWorld, type PublishedModelsWorld } from '../support/published-models.ts';
import { change, kinesisEvent } from '../support/records.ts';

let dynamodb: TestDynamoDb;
let s3: S3World;
let world: PublishedModelsWorld;
let subject: TestFunction;

const DONE = { batchItemFailures: [] };
/** The function reads `MODELS_REFRESH_SECONDS` as whole seconds. */
const REFRESH_MS = 1_000;

/** Whether S3 refuses all calls, which the SDK does not retry: a lost connection it does, for ten seconds and more. */
let isRefused = false;

beforeAll(async () => {
  dynamodb = await startDynamoDb();
  s3 = await s3World(['models'], {
    nextFault: () => (isRefused ? ACCESS_DENIED : undefined),
  });
  world = publishedModelsWorld(s3Objects(s3.client));
  await world.publish('1');
  await world.use('1');
  subject = await startClassifyStream(dynamodb, {
    MODEL: 'cards',
    MODELS_DIR: world.url,
    MODELS_CACHE_DIR: world.cache,
    MODELS_REFRESH_SECONDS: '1',
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  });
});

afterAll(async () => {
  await dynamodb.stop();
  await s3.stop();
  world.remove();
});

const send = async (id: string, attributes: Readonly<Record<string, string>>) => {
  await dynamodb.put(subject.documents, { id, text: CARD, ...attributes });
  const values = Object.entries({ id, text: CARD, ...attributes }).map(([name, S]) => [name, { S }]);
  const record = { table: subject.documents, newImage: Object.fromEntries(values) };
  return subject.send(kinesisEvent([change(id, CARD, record)]));
};

/** Sends an event with a new item. @returns the label and its model in the table */
const labelled = async (id: string, attributes: Readonly<Record<string, string>> = {}): Promise<unknown> => {
  expect(await send(id, attributes)).toEqual(DONE);
  const item = (await dynamodb.items(subject.documents)).find((one) => one.id === id);
  return item && [item.label, item.label_model];
};

it('labels with the version in use, from the next batch on, without a deployment', async () => {
  expect(await labelled('a')).toEqual(['v1 card', 'cards@1']);
  await world.publish('2');
  expect(await labelled('b', { model_type: 'cards@2' })).toEqual(['v2 card', 'cards@2']);
  expect(await labelled('c')).toEqual(['v1 card', 'cards@1']);

  await world.use('2');
  await sleep(REFRESH_MS);
  expect(await labelled('d')).toEqual(['v2 card', 'cards@2']);
  expect(subject.log.join('\n')).toMatch(/"message":"model-in-use".*"model":"cards@2","before":"cards@1"/);

  // Its examples expect other answers: version 2 stays.
  await world.publish('3', { isBad: true });
  await world.use('3', { verify: false });
  await sleep(REFRESH_MS);
  expect(await labelled('e')).toEqual(['v2 card', 'cards@2']);
  const log = subject.log.join('\n');
  expect(log).toContain('8 of 8 examples are not as expected');
  expect(log).toContain('"ModelFaults":1');
  expect(log).not.toContain(CARD);

  await rollBackInS3(world.models, 'cards');
  await rollBackInS3(world.models, 'cards');
  await sleep(REFRESH_MS);
  expect(await labelled('f')).toEqual(['v1 card', 'cards@1']);
});

it('rejects an item that names a model which is not there, and keeps one that cannot be looked for', async () => {
  expect(await labelled('g', { model_type: 'nobody' })).toEqual([undefined, undefined]);
  expect((await dynamodb.items(subject.rejects)).map(({ code }) => code)).toEqual(['unknown-model']);

  isRefused = true;
  const { batchItemFailures } = await send('h', { model_type: 'somebody' });
  expect(batchItemFailures).toHaveLength(1);
  expect(await dynamodb.items(subject.rejects)).toHaveLength(1);
  // What is loaded goes on.
  expect(await labelled('i')).toEqual(['v1 card', 'cards@1']);
});
