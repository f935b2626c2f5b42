import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeMap } from '../../src/dynamodb-json/attributes.ts';
import { toWire } from '../../src/stores/dynamodb/wire-format.ts';
import { startClassifyStream, type TestFunction } from '../support/classify-stream.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { modelCopies } from '../support/model-copies.ts';
import { change, kinesisEvent } from '../support/records.ts';

const DONE = { batchItemFailures: [] };
const CARD = 'I am still waiting for my new card';
const PIN = 'How do I change my PIN?';

const catalogue = modelCopies();
let dynamodb: TestDynamoDb;
let subject: TestFunction;

beforeAll(async () => {
  catalogue.add('intents');
  catalogue.add('rival');
  catalogue.add('topics', { attribute: 'topic' });
  catalogue.add('broken', {
    attribute: 'broken',
    steps: [{ file: 'classifier.onnx', sha256: '0'.repeat(64) }],
  });
  catalogue.addManifest('careful', {
    format: 'cascade',
    attribute: 'careful',
    stages: [{ model: 'intents', threshold: 0.95 }, { model: 'rival' }],
  });
  dynamodb = await startDynamoDb();
});
afterAll(async () => {
  await dynamodb.stop();
  catalogue.remove();
});

const start = async (environment: Readonly<Record<string, string>> = {}) => {
  subject = await startClassifyStream(dynamodb, {
    MODELS_DIR: catalogue.folder,
    MODEL: 'intents',
    ...environment,
  });
};

/** The record of an item that is put into the table. */
const inserted = async (id: string, text: string, other: AttributeMap = {}): Promise<string> => {
  const newImage = { id: { S: id }, text: { S: text }, ...other };
  await dynamodb.client.send(new PutItemCommand({ TableName: subject.documents, Item: toWire(newImage) }));
  return change(id, text, { table: subject.documents, newImage });
};

const items = async (): Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>> =>
  Object.fromEntries((await dynamodb.items(subject.documents)).map((item) => [item.id, item]));

const send = async (...datas: readonly string[]) => subject.send(kinesisEvent(datas));

describe('classifyStream with several models', () => {
  it('labels each item by the models it names, whatever else is in the batch', async () => {
    await start();
    const records = [
      await inserted('default', CARD),
      await inserted('topics', PIN, { model_type: { S: 'topics' } }),
      await inserted('both', PIN, { model_type: { L: [{ S: 'intents' }, { S: 'topics@1' }] } }),
      await inserted('set', CARD, { model_type: { SS: ['rival', 'topics'] } }),
      await inserted('cascade', PIN, { model_type: { S: 'careful' } }),
    ];
    expect(await send(...records)).toEqual(DONE);
    const found = await items();
    expect(found.default).toMatchObject({ label: 'card_arrival', label_model: 'intents@1' });
    expect(found.topics).toMatchObject({ topic: 'change_pin', topic_model: 'topics@1' });
    expect(found.topics).not.toHaveProperty('label');
    expect(found.both).toMatchObject({ label: 'change_pin', topic: 'change_pin' });
    expect(found.set).toMatchObject({ label_model: 'rival@1', topic_model: 'topics@1' });
    expect(found.cascade).toMatchObject({
      careful: 'change_pin',
      careful_model: 'careful@1',
      careful_by: expect.stringMatching(/^(intents|rival)@1$/),
    });
    expect(found.default).not.toHaveProperty('label_by');
  });

  it('labels by all default models where the item names none, and is quiet when they come back', async () => {
    await start({ MODEL: 'intents, topics' });
    expect(await send(await inserted('a', CARD))).toEqual(DONE);
    const { a } = await items();
    expect(a).toMatchObject({ label: 'card_arrival', topic: 'card_arrival' });
    const image = Object.fromEntries(
      Object.entries(a ?? {}).map(([name, value]) => [
        name,
        { [typeof value === 'number' ? 'N' : 'S']: String(value) },
      ]),
    );
    subject.log.length = 0;
    const back = change('a', CARD, { table: subject.documents, eventName: 'MODIFY', newImage: image });
    expect(await send(back)).toEqual(DONE);
    expect(subject.log.join()).toMatch(/"RecordsSkipped":1/);
    expect(subject.log.join()).toMatch(/"Inferences":0/);
  });

  it.each([
    [{}, 'unknown-model', undefined],
    [{ UNKNOWN_MODEL: 'default' }, undefined, 'card_arrival'],
  ])('does with unknown names what is set (%j)', async (environment, code, label) => {
    await start(environment);
    expect(await send(await inserted('a', CARD, { model_type: { S: 'nobody' } }))).toEqual(DONE);
    expect((await items()).a?.label).toBe(label);
    expect((await dynamodb.items(subject.rejects)).map((reject) => reject.code)).toEqual(code ? [code] : []);
  });

  it('labels with all models but one whose folder is faulty, says so once, and rejects what asks for that', async () => {
    catalogue.addManifest('torn', { format: 'sklearn', task: 'text-classification', labels: ['a', 'b'] });
    try {
      await start();
      expect(subject.log.filter((line) => line.includes('model-fault'))).toEqual([
        expect.stringMatching(
          /"level":"WARN".*"model":"torn@1".*model\.json is not a model manifest: steps: /,
        ),
      ]);
      const records = [
        await inserted('a', CARD),
        await inserted('b', PIN, { model_type: { S: 'topics' } }),
        await inserted('c', PIN, { model_type: { S: 'torn' } }),
      ];
      expect(await send(...records)).toEqual(DONE);
      const found = await items();
      expect([found.a?.label, found.b?.topic, found.c?.label]).toEqual([
        'card_arrival',
        'change_pin',
        undefined,
      ]);
      expect(await dynamodb.items(subject.rejects)).toEqual([
        expect.objectContaining({
          code: 'unknown-model',
          reason: expect.stringMatching(
            /model torn@1 was found, but its folder is faulty: .*model\.json is not/,
          ),
        }),
      ]);
      await expect(start({ MODEL: 'torn' })).rejects.toThrow(/model torn@1 cannot be used: .*steps: /);
    } finally {
      catalogue.drop('torn');
    }
  });

  it('rejects models that write the same attributes', async () => {
    await start();
    const records = [
      await inserted('a', CARD, { model_type: { S: 'intents,rival' } }),
      await inserted('b', PIN),
    ];
    expect(await send(...records)).toEqual(DONE);
    expect((await items()).b?.label).toBe('change_pin');
    expect(await dynamodb.items(subject.rejects)).toEqual([
      expect.objectContaining({
        code: 'conflicting-models',
        reason: expect.stringMatching(/intents@1 and rival@1 both write label/),
      }),
    ]);
    await expect(start({ MODEL: 'intents,rival' })).rejects.toThrow(/default models do not go together/);
  });

  it('leaves the label of the model that an item has changed to, however late the older record is', async () => {
    await start();
    const older = await inserted('a', CARD, { model_type: { S: 'intents' } });
    const newer = await inserted('a', CARD, { model_type: { S: 'rival' } });
    expect(await send(newer)).toEqual(DONE);
    expect(await send(older)).toEqual(DONE);
    expect((await items()).a).toMatchObject({ label: 'card_arrival', label_model: 'rival@1' });

    const unrouted = await inserted('b', CARD);
    await dynamodb.client.send(
      new UpdateItemCommand({
        TableName: subject.documents,
        Key: { id: { S: 'b' } },
        UpdateExpression: 'SET model_type = :model',
        ExpressionAttributeValues: { ':model': { S: 'topics' } },
      }),
    );
    expect(await send(unrouted)).toEqual(DONE);
    expect((await items()).b).not.toHaveProperty('label');
  });

  it('writes what one model can say where another cannot be loaded, and has the record delivered again', async () => {
    await start();
    const event = kinesisEvent([
      await inserted('a', CARD),
      await inserted('b', PIN, { model_type: { S: 'intents,broken' } }),
    ]);
    expect(await subject.send(event)).toEqual({
      batchItemFailures: [{ itemIdentifier: event.Records[1]?.kinesis.sequenceNumber }],
    });
    const found = await items();
    expect([found.a?.label, found.b?.label]).toEqual(['card_arrival', 'change_pin']);
    expect(subject.log.join()).toMatch(/broken@1 could not classify/);
  });

  it('writes a row for each model into a table of labels', async () => {
    await start({ LABEL_STORE: 'labels-table' });
    expect(await send(await inserted('a', CARD, { model_type: { S: 'topics,careful' } }))).toEqual(DONE);
    const rows = await dynamodb.items(subject.labels);
    expect(rows.map(({ label_model }) => label_model).toSorted()).toEqual(['careful@1', 'topics@1']);
    expect(rows).toContainEqual(
      expect.objectContaining({ label_model: 'careful@1', label_by: expect.any(String) }),
    );
  });

  it.each([
    [{ MODEL: 'intents,nobody' }, /default model nobody not found/],
    [{ MODEL: 'intents,,topics' }, /MODEL: should be names/],
    [
      { UNKNOWN_MODEL: 'ignore', MODEL_MEMORY_MB: '0', MODEL: '' },
      /MODEL: .*UNKNOWN_MODEL.*MODEL_MEMORY_MB/s,
    ],
    [{ TEXT_PAIR_ATTRIBUTE: 'a,b' }, /TEXT_PAIR_ATTRIBUTE: should be one attribute/],
  ])('fails its init on faulty settings (%#)', async (environment, message) => {
    await expect(start(environment as Record<string, string>)).rejects.toThrow(message);
  });
});
