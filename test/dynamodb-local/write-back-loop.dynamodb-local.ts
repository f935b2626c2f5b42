import { DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { changeRecordJson } from '../../src/tools/emulators/aws/native-fan-out.ts';
import { localClients } from '../../src/tools/emulators/aws/aws-clients.ts';
import { type Emulators, startEmulators } from '../../src/tools/emulators/aws/emulators.ts';
import { startEventSourceMapping } from '../../src/tools/emulators/event-source/mapping.ts';
import { createStream } from '../../src/tools/emulators/aws/tables.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import { type DynamoDbRecord, toTableChanges } from '../../src/pipeline/records/dynamodb-event.ts';
import { fanOutBatch } from '../../src/pipeline/fan-out/fan-out-batch.ts';
import { type KinesisEvent, toStreamRecords } from '../../src/pipeline/records/kinesis-event.ts';
import { labelBatch } from '../../src/pipeline/label-batch.ts';
import { firstUndone } from '../../src/pipeline/outcome.ts';
import type { LabelStore, RecordStream } from '../../src/pipeline/destinations.ts';
import { partiqlLabels } from '../../src/stores/partiql.ts';
import { updateItemLabels } from '../../src/stores/update-item.ts';
import { putRecords } from '../../src/streams/put-records.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { memoryRejects, NO_DEADLINE, SETTINGS, toyModels } from '../support/fakes.ts';
import { tableStream } from '../support/table-stream.ts';

let dynamodb: TestDynamoDb;
let emulators: Emulators;
let streams = 0;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
  emulators = await startEmulators({ services: ['kinesis'] });
});
afterAll(async () => {
  await dynamodb.stop();
  await emulators.stop();
});

/** Forwards changes of the table, and says how many it kept back. */
type FanOut = (changes: readonly DynamoDbRecord[], table: string, stream: RecordStream) => Promise<number>;

/** Every change reaches the stream, as with Kinesis Data Streams for DynamoDB. */
const native: FanOut = async (changes, table, stream) => {
  const records = changes.map(({ eventName, dynamodb: change = {} }) => ({
    partitionKey: JSON.stringify(change.Keys),
    data: Buffer.from(
      changeRecordJson({
        eventName: eventName as 'INSERT',
        table,
        keys: change.Keys as never,
        ...(change.NewImage !== undefined && { newImage: change.NewImage as never }),
        ...(change.OldImage !== undefined && { oldImage: change.OldImage as never }),
        createdMicros: Number(change.SequenceNumber),
      }),
    ),
  }));
  const results = await stream.put(records);
  expect(results.every(({ kind }) => kind === 'forwarded')).toBe(true);
  return 0;
};

/** The function keeps back what is nothing but a label that was written. */
const byFunction: FanOut = async (changes, _, stream) => {
  const { textAttributes, deadlineMarginMs } = SETTINGS;
  const parts = { stream, rejects: memoryRejects(), settings: { textAttributes, deadlineMarginMs } };
  const outcomes = await fanOutBatch(toTableChanges({ Records: changes }), parts, NO_DEADLINE);
  expect(outcomes.every(({ kind }) => kind === 'forwarded' || kind === 'skipped')).toBe(true);
  return outcomes.filter(({ kind }) => kind === 'skipped').length;
};

/** Table, stream of the table, fan-out, Kinesis, mapping, pipeline and store, closed into a loop. */
const startLoop = async (fanOut: FanOut, labelsOn: typeof updateItemLabels | typeof partiqlLabels) => {
  const { name: table, stream: arn = '' } = await dynamodb.create({
    keys: ['id'],
    stream: 'NEW_AND_OLD_IMAGES',
  });
  const source = tableStream(dynamodb.endpoint, arn);
  const { kinesis, destroy } = localClients(emulators.endpoints);
  const streamName = `loop-${(streams += 1)}`;
  const streamArn = await createStream(kinesis, { name: streamName, shards: 2 });
  const target = putRecords(kinesis, { stream: streamName });

  const models = toyModels();
  const store = labelsOn(dynamodb.client, { table });
  const counts = { changes: 0, keptBack: 0, invocations: 0, delivered: 0, skipped: 0, writes: 0 };
  const labels: LabelStore = {
    put: (writes, options) => {
      counts.writes += writes.length;
      return store.put(writes, options);
    },
  };
  const parts = {
    models,
    labels,
    rejects: memoryRejects(),
    settings: { ...SETTINGS, table, chunkSize: 100 },
  };
  const mapping = startEventSourceMapping({
    kinesis,
    streamName,
    streamArn,
    settings: { batchSize: 100, windowSeconds: 0 },
    invoke: async (event) => {
      const batch = toStreamRecords(event as KinesisEvent);
      const { outcomes } = await labelBatch(batch, parts, NO_DEADLINE);
      counts.invocations += 1;
      counts.delivered += outcomes.length;
      counts.skipped += outcomes.filter(({ kind }) => kind === 'skipped').length;
      expect(firstUndone(outcomes)).toBe(-1);
      return { requestId: String(counts.invocations), payload: { batchItemFailures: [] } };
    },
  });

  return {
    table,
    set: async (id: string, attributes: Readonly<Record<string, string>>) => {
      for (const [name, S] of Object.entries(attributes)) {
        const names = {
          ExpressionAttributeNames: { '#name': name },
          ExpressionAttributeValues: { ':value': { S } },
        };
        const update = {
          TableName: table,
          Key: { id: { S: id } },
          UpdateExpression: 'SET #name = :value',
          ...names,
        };
        await dynamodb.client.send(new UpdateItemCommand(update));
      }
    },
    remove: (id: string) =>
      dynamodb.client.send(new DeleteItemCommand({ TableName: table, Key: { id: { S: id } } })),
    /** Runs until nothing moves any more, and tells what that took. */
    untilQuiet: async () => {
      Object.assign(counts, { changes: 0, keptBack: 0, invocations: 0, delivered: 0, skipped: 0, writes: 0 });
      models.texts.length = 0;
      for (let quiet = 0, rounds = 0; quiet < 3; rounds += 1) {
        if (rounds > 100) throw new Error('the loop does not become quiet');
        const changes = await source.read();
        counts.changes += changes.length;
        if (changes.length > 0) counts.keptBack += await fanOut(changes, table, target);
        await mapping.drained();
        quiet = changes.length === 0 ? quiet + 1 : 0;
      }
      return { ...counts, inferences: models.texts.length };
    },
    stop: async () => {
      await mapping.stop();
      source.close();
      destroy();
    },
  };
};

describe.each([
  ['update-item', updateItemLabels],
  ['partiql', partiqlLabels],
])('the loop of write-back with %s', (_, labelsOn) => {
  it.each([
    ['native', native],
    ['function', byFunction],
  ])('costs a decode and nothing more with %s fan-out', async (name, fanOut) => {
    const loop = await startLoop(fanOut, labelsOn);
    const ids = Array.from({ length: 20 }, (_, index) => `item-${index}`);
    // A label that comes back is delivered and skipped, or does not even get that far.
    const returned = (writes: number) =>
      name === 'native' ? { keptBack: 0, skipped: writes } : { keptBack: writes, skipped: 0 };

    for (const id of ids) await loop.set(id, { text: `text of ${id}` });
    const first = await loop.untilQuiet();
    expect(first).toMatchObject({ changes: 40, inferences: 20, writes: 20, ...returned(20) });
    expect(first.invocations).toBeGreaterThan(0);

    for (const id of ids.slice(0, 5)) await loop.set(id, { text: `another text of ${id}` });
    expect(await loop.untilQuiet()).toMatchObject({ changes: 10, inferences: 5, writes: 5, ...returned(5) });

    // Back to a text that it held before, a change beside the text, and a removal.
    await loop.set('item-0', { text: 'text of item-0' });
    await loop.set('item-10', { channel: 'app' });
    await loop.remove('item-19');
    const last = await loop.untilQuiet();
    expect(last).toMatchObject({ changes: 4, inferences: 1, writes: 1 });
    expect(last.delivered).toBe(name === 'native' ? 4 : 3);

    expect(await loop.untilQuiet()).toMatchObject({ changes: 0, invocations: 0, inferences: 0, writes: 0 });
    const items = await dynamodb.items(loop.table);
    expect(items).toHaveLength(19);
    for (const { text, label, label_hash } of items) {
      expect(label).toBe(`length-${String(text).length}`);
      expect(label_hash).toBe(sha256(String(text)));
    }
    await loop.stop();
  });

  it.each([
    ['native', native],
    ['function', byFunction],
  ])('is quiet with two models on an item and %s fan-out', async (_, fanOut) => {
    const loop = await startLoop(fanOut, labelsOn);
    const ids = Array.from({ length: 5 }, (_, index) => `item-${index}`);
    for (const id of ids) await loop.set(id, { model_type: 'toy,tone' });
    expect(await loop.untilQuiet()).toMatchObject({ changes: 5, inferences: 0, writes: 0 });
    for (const id of ids) await loop.set(id, { text: `text of ${id}` });
    // Both labels in one write, which comes back once.
    expect(await loop.untilQuiet()).toMatchObject({ changes: 10, inferences: 10, writes: 5 });
    // Only the label that is missing: those of the others are there.
    await loop.set('item-0', { model_type: 'tone,rival' });
    expect(await loop.untilQuiet()).toMatchObject({ changes: 2, inferences: 1, writes: 1 });
    expect(await loop.untilQuiet()).toMatchObject({ changes: 0, invocations: 0, inferences: 0, writes: 0 });
    const items = await dynamodb.items(loop.table);
    for (const { id, text, label, label_hash, tone, tone_hash } of items) {
      expect(label).toBe(`${id === 'item-0' ? 'rival@2 ' : ''}length-${String(text).length}`);
      expect(tone).toBe(`tone@1 length-${String(text).length}`);
      expect([label_hash, tone_hash]).toEqual(Array(2).fill(sha256(String(text))));
    }
    await loop.stop();
  });
});
