import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { aggregate } from '../../src/tools/emulators/aws/kpl-aggregate.ts';
import { decode } from '../../src/pipeline/records/decode.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import { toStreamRecords } from '../../src/pipeline/records/kinesis-event.ts';
import { unpack } from '../../src/pipeline/records/unpack.ts';
import { toWire } from '../../src/stores/dynamodb/wire-format.ts';
import { startClassifyStream, type TestFunction } from '../support/classify-stream.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { base64, change, kinesisEvent } from '../support/records.ts';

let dynamodb: TestDynamoDb;
let subject: TestFunction;

beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.stop());
beforeEach(async () => {
  subject = await startClassifyStream(dynamodb);
});

const EVENTS = join(import.meta.dirname, '..', '..', 'events');
const DONE = { batchItemFailures: [] };
const CARD = 'I am still waiting for my new card';
const PIN = 'How do I change my PIN?';

/** The record of an insert into the function's table, and the item itself. */
const inserted = async (id: string, text: string): Promise<string> => {
  await dynamodb.put(subject.documents, { id, text });
  return change(id, text, { table: subject.documents });
};

const labels = async () =>
  Object.fromEntries((await dynamodb.items(subject.documents)).map(({ id, label }) => [id, label]));

describe('classifyStream', () => {
  it('labels the items of a batch', async () => {
    const event = kinesisEvent([await inserted('a', CARD), await inserted('b', PIN)]);
    expect(await subject.send(event)).toEqual(DONE);
    expect(await dynamodb.items(subject.documents)).toContainEqual({
      id: 'a',
      text: CARD,
      label: 'card_arrival',
      label_score: expect.any(Number),
      label_model: 'banking77-tfidf@1',
      label_hash: sha256(CARD),
    });
    expect(await labels()).toEqual({ a: 'card_arrival', b: 'change_pin' });
  });

  it('stores poison among good records and acknowledges all of them', async () => {
    const event = kinesisEvent([await inserted('a', CARD), base64('{'), '!', await inserted('b', PIN)]);
    expect(await subject.send(event)).toEqual(DONE);
    expect(await labels()).toEqual({ a: 'card_arrival', b: 'change_pin' });
    const rejects = await dynamodb.items(subject.rejects);
    expect(rejects.map(({ code }) => code).toSorted()).toEqual(['bad-base64', 'bad-json']);
    expect(rejects[0]).toMatchObject({ shard: 'changes/shardId-000000000000', payload: expect.anything() });
  });

  it('reports the first record that is not done, and labels the others', async () => {
    subject = await startClassifyStream(dynamodb, { REJECTS_TABLE: 'no-such-table' });
    const event = kinesisEvent([await inserted('a', CARD), base64('{'), await inserted('b', PIN)]);
    expect(await subject.send(event)).toEqual({
      batchItemFailures: [{ itemIdentifier: event.Records[1]?.kinesis.sequenceNumber }],
    });
    expect(await labels()).toEqual({ a: 'card_arrival', b: 'change_pin' });
  });

  it('reports the first record not reached where there is no time left', async () => {
    const event = kinesisEvent([await inserted('a', CARD)]);
    expect(await subject.send(event, 1_000)).toEqual({
      batchItemFailures: [{ itemIdentifier: event.Records[0]?.kinesis.sequenceNumber }],
    });
  });

  it('leaves an item alone whose text has changed since, or that is gone', async () => {
    const old = change('a', CARD, { table: subject.documents });
    await dynamodb.put(subject.documents, { id: 'a', text: PIN });
    expect(await subject.send(kinesisEvent([old, change('b', CARD, { table: subject.documents })]))).toEqual(
      DONE,
    );
    expect(await dynamodb.items(subject.documents)).toEqual([{ id: 'a', text: PIN }]);
  });

  it('needs neither an inference nor a write for a label that comes back through the stream', async () => {
    await subject.send(kinesisEvent([await inserted('a', CARD)]));
    const [item] = await dynamodb.items(subject.documents);
    const image = Object.fromEntries(
      Object.entries(item ?? {}).map(([name, value]) => [
        name,
        { [typeof value === 'number' ? 'N' : 'S']: String(value) },
      ]),
    );
    const back = change('a', CARD, { table: subject.documents, eventName: 'MODIFY', newImage: image });
    subject.log.length = 0;
    expect(await subject.send(kinesisEvent([back]))).toEqual(DONE);
    expect(subject.log.join()).toMatch(/"RecordsSkipped":1/);
  });

  it('names the aggregate that holds the first record which is not done', async () => {
    subject = await startClassifyStream(dynamodb, { REJECTS_TABLE: 'no-such-table' });
    const inner = [await inserted('a', CARD), base64('{'), await inserted('b', PIN)];
    const records = inner.map((data) => ({ partitionKey: 'k', data: Buffer.from(data, 'base64') }));
    const event = kinesisEvent([await inserted('c', PIN), base64(aggregate(records))]);
    expect(await subject.send(event)).toEqual({
      batchItemFailures: [{ itemIdentifier: event.Records[1]?.kinesis.sequenceNumber }],
    });
    expect(await labels()).toEqual({ a: 'card_arrival', b: 'change_pin', c: 'change_pin' });
    expect(subject.log.join()).toMatch(/"Records":4/);
  });

  it('labels items whose text is within a map or a list, for as long as they hold it', async () => {
    subject = await startClassifyStream(dynamodb, {
      DOCUMENTS_TABLE: 'labelstream-dev-documents',
      TEXT_ATTRIBUTES: 'message.body,parts[1].text',
    });
    await dynamodb.createNamedTable('labelstream-dev-documents', ['id']);
    const event = JSON.parse(readFileSync(join(EVENTS, 'nested-text.json'), 'utf8'));
    for (const { content } of unpack(toStreamRecords(event))) {
      const Item = toWire(decode(content as Buffer).newImage ?? {});
      // This one was edited since.
      if (Item.id?.S === 'n-2') Item.parts = { L: [{ S: 'Hello' }, { M: { text: { S: PIN } } }] };
      await dynamodb.client.send(new PutItemCommand({ TableName: 'labelstream-dev-documents', Item }));
    }
    expect(await subject.send(event)).toEqual(DONE);
    const items = await dynamodb.items('labelstream-dev-documents');
    expect(Object.fromEntries(items.map(({ id, label }) => [id, label]))).toEqual({
      'n-1': 'change_pin',
      'n-2': undefined,
      'n-3': 'card_delivery_estimate',
      'n-4': undefined,
    });
  });

  it('labels an item whose key is binary', async () => {
    const { name: table } = await dynamodb.create({ keys: [{ name: 'id', type: 'B' }] });
    subject = await startClassifyStream(dynamodb, { DOCUMENTS_TABLE: table });
    const image = { id: { B: 'AAEC/w==' }, text: { S: PIN } };
    await dynamodb.client.send(new PutItemCommand({ TableName: table, Item: toWire(image) }));
    const data = change('', '', { table, keys: { id: image.id }, newImage: image });
    expect(await subject.send(kinesisEvent([data]))).toEqual(DONE);
    expect(await dynamodb.items(table)).toEqual([expect.objectContaining({ label: 'change_pin' })]);
  });

  it('writes into a table of labels where that is configured', async () => {
    subject = await startClassifyStream(dynamodb, { LABEL_STORE: 'labels-table' });
    expect(await subject.send(kinesisEvent([await inserted('a', CARD)]))).toEqual(DONE);
    expect(await dynamodb.items(subject.labels)).toEqual([
      expect.objectContaining({ item: expect.stringContaining('"a"'), label: 'card_arrival' }),
    ]);
    expect(await labels()).toEqual({ a: undefined });
  });

  it('logs counts and reasons, and never a text', async () => {
    await subject.send(
      kinesisEvent([await inserted('a', 'my secret is 4711'), base64('{"text": my secret is 4711')]),
    );
    expect(subject.log.join('\n')).toMatch(/"RecordsLabelled":1/);
    expect(subject.log.join('\n')).toMatch(/bad-json/);
    expect(subject.log.join('\n')).not.toMatch(/secret|4711/);
  });

  it('refuses an event that is none of a Kinesis stream', async () => {
    await expect(subject.send({ hello: 'world' })).rejects.toThrow(/expected an event of a Kinesis stream/);
    await expect(subject.send({ Records: [{ body: 'SQS' }] })).rejects.toThrow(
      /Records\[0\] lacks kinesis.data/,
    );
  });

  it.each([
    [
      { DOCUMENTS_TABLE: '', MAX_TEXT_CHARACTERS: 'many', TEXT_ATTRIBUTES: 'text:xml' },
      /DOCUMENTS_TABLE.*TEXT_ATTR.*MAX_TEXT/s,
    ],
    [{ LABEL_STORE: 'labels-table', LABELS_TABLE: '' }, /LABELS_TABLE: is needed/],
    [{ MODEL: 'nobody' }, /default model nobody not found; available: .*banking77-tfidf@1/],
    [{ MODELS_DIR: '/nowhere' }, /\/nowhere does not exist/],
  ])('fails its init on a faulty environment (%#)', async (environment, message) => {
    await expect(
      startClassifyStream(dynamodb, environment as unknown as Record<string, string>),
    ).rejects.toThrow(message);
  });
});
