/**
 * Regenerates the sample events of this folder: npm run events
 * The same script gives the same files; edit the texts here, not the base64 there.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { changeRecordJson, type ItemChange } from '../src/tools/emulators/aws/native-fan-out.ts';
import { generateMessages } from '../src/tools/ingest/input/messages.ts';
import { aggregate } from '../src/tools/emulators/aws/kpl-aggregate.ts';
import { sha256 } from '../src/tasks/content-hash.ts';

const TABLE = 'labelstream-dev-documents';
const STREAM = 'arn:aws:kinesis:us-east-1:123456789012:stream/labelstream-dev-changes';
const SHARD = 'shardId-000000000000';
const FROM_MICROS = 1_790_000_000_250_647;

let records = 0;

const uuid = (): string => `00000000-0000-4000-8000-${String(records).padStart(12, '0')}`;

/** A record of the stream with this data. */
const record = (data: Buffer | string, partitionKey: string, verbatim = false) => {
  records += 1;
  const sequenceNumber = `49650000000000000000000000000000000000000000000${String(records).padStart(9, '0')}`;
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey,
      sequenceNumber,
      data: verbatim ? String(data) : Buffer.from(data).toString('base64'),
      approximateArrivalTimestamp: (FROM_MICROS + records * 1_000) / 1e6,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${SHARD}:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: 'arn:aws:iam::123456789012:role/labelstream-dev-classify-stream',
    awsRegion: 'us-east-1',
    eventSourceARN: STREAM,
  };
};

const item = (id: string, text: string, other: object = {}) => ({
  id: { S: id },
  text: { S: text },
  ...other,
});

const changeJson = (
  id: string,
  change: Omit<ItemChange, 'table' | 'keys' | 'createdMicros' | 'eventId'>,
): string =>
  changeRecordJson({
    table: TABLE,
    keys: { id: { S: id } },
    createdMicros: FROM_MICROS + records * 1_000,
    eventId: uuid(),
    ...change,
  });

const insert = (id: string, text: string, other: Partial<ItemChange> = {}) =>
  record(changeJson(id, { eventName: 'INSERT', newImage: item(id, text), ...other }), id);

const modify = (id: string, before: object, after: object) =>
  record(
    changeJson(id, {
      eventName: 'MODIFY',
      oldImage: { id: { S: id }, ...before },
      newImage: { id: { S: id }, ...after },
    }),
    id,
  );

const remove = (id: string, text: string, other: Partial<ItemChange> = {}) =>
  record(changeJson(id, { eventName: 'REMOVE', oldImage: item(id, text), ...other }), id);

const TTL = { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } };

const labelsOf = (text: string, label: string) => ({
  label: { S: label },
  label_score: { N: '0.9' },
  label_model: { S: 'banking77-tfidf@1' },
  label_hash: { S: sha256(text) },
});

const LOST = 'I lost my card in a taxi, what can I do?';
const RATE = 'Which exchange rate did you use for my hotel in Lisbon?';

const inserts = () => [
  insert('m-1', 'My new card has still not come, when will it be here?'),
  insert('m-2', 'How do I change my PIN?'),
  insert('m-3', 'Why was I charged a fee for taking out cash? ☕'),
];

/** The text changed; our own label was written back; another attribute changed before there was a label. */
const modifications = () => [
  modify('m-4', { text: { S: 'hello' }, ...labelsOf('hello', 'card_arrival') }, { text: { S: LOST } }),
  modify(
    'm-5',
    { text: { S: RATE } },
    { text: { S: RATE }, ...labelsOf(RATE, 'card_payment_wrong_exchange_rate') },
  ),
  modify('m-6', { text: { S: LOST } }, { text: { S: LOST }, channel: { S: 'app' } }),
];

const removals = () => [
  remove('m-7', 'Please close my account'),
  remove('m-8', 'Is my top-up there yet?', TTL),
];

const poison = () => [
  insert('good-1', 'Can I top up with a cheque?'),
  record('this is not base64!', 'p-1', true),
  record(Buffer.from([0x22, 0xc3, 0x28, 0x22]), 'p-2'),
  record('{"eventName": "INSERT", ', 'p-3'),
  record('["an", "array"]', 'p-4'),
  record(JSON.stringify({ eventName: 'INSERT', tableName: TABLE, dynamodb: { NewImage: {} } }), 'p-5'),
  record(Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]), 'p-6'),
  insert('p-7', '', { newImage: { id: { S: 'p-7' }, text: { N: '42' } } }),
  record(
    gzipSync(
      changeJson('p-8', { eventName: 'INSERT', newImage: item('p-8', 'far too long '.repeat(8_000)) }),
    ),
    'p-8',
  ),
  insert('p-9', '', { newImage: item('p-9', 'hello', { model_type: { S: 'no-such-model' } }) }),
  insert('good-2', 'My direct debit was paid twice'),
];

const textblobs = () => [
  record(JSON.stringify({ textblob: JSON.stringify('Is my card the right one for online shops?') }), 't-1'),
  record(JSON.stringify({ id: 't-2', textblob: JSON.stringify('He said "your card is blocked"') }), 'any'),
];

const timestamps = () => [
  insert('m-9', 'Sent with microseconds'),
  insert('m-10', 'Sent with milliseconds', { precision: 'MILLISECOND' }),
  // The older of two changes arrives last.
  insert('m-11', 'Where is my refund?', { createdMicros: FROM_MICROS + 60_000_000 }),
  insert('m-11', 'the text before that', { createdMicros: FROM_MICROS, precision: 'MILLISECOND' }),
  record(
    gzipSync(changeJson('m-12', { eventName: 'INSERT', newImage: item('m-12', 'Compressed with gzip') })),
    'm-12',
  ),
];

/** Items that name their models in every way, one model twice, and one that does not exist. */
const routing = () => {
  const routed = (id: string, text: string, model_type: object) =>
    insert(id, '', { newImage: item(id, text, { model_type }) });
  return [
    insert('r-1', 'Which fees are there for topping up by card?'),
    routed('r-2', 'How do I change my PIN?', { S: 'banking77-tfidf' }),
    routed('r-3', LOST, { S: 'banking77-tfidf@1, banking77-tfidf' }),
    routed('r-4', RATE, { SS: ['banking77-tfidf'] }),
    routed('r-5', 'When will my card arrive?', { L: [{ S: 'banking77-tfidf' }] }),
    routed('r-6', 'My direct debit was paid twice', { NULL: true }),
    routed('r-7', 'Is there a fee for exchanging money?', { S: 'no-such-model' }),
    routed('r-8', 'Can I top up with a cheque?', { N: '1' }),
    // The later change names another model.
    insert('r-9', '', { newImage: item('r-9', LOST, { model_type: { S: 'no-such-model' } }) }),
    modify('r-9', { text: { S: LOST }, model_type: { S: 'no-such-model' } }, { text: { S: LOST } }),
  ];
};

const insertJson = (id: string, text: string): string =>
  changeJson(id, { eventName: 'INSERT', newImage: item(id, text) });

/** An aggregate of four records with poison inside, and a record of its own. */
const kpl = () => [
  record(
    aggregate([
      { partitionKey: 'k-1', data: insertJson('k-1', 'Is there a fee for exchanging money?') },
      { partitionKey: 'k-2', data: insertJson('k-2', 'How do I change my PIN?') },
      { partitionKey: 'k-1', data: '{"eventName": "INSERT", ' },
      { partitionKey: 'k-4', data: gzipSync(insertJson('k-4', LOST)) },
    ]),
    'a',
  ),
  insert('k-5', 'When will my card arrive?'),
];

const nestedTexts = () => [
  insert('n-1', '', {
    newImage: { id: { S: 'n-1' }, message: { M: { body: { S: 'How do I change my PIN?' } } } },
  }),
  insert('n-2', '', {
    newImage: { id: { S: 'n-2' }, parts: { L: [{ S: 'Hello' }, { M: { text: { S: LOST } } }] } },
  }),
  // An attribute whose own name looks like the path comes first.
  insert('n-3', '', {
    newImage: {
      id: { S: 'n-3' },
      'message.body': { S: 'When will my card arrive?' },
      message: { M: { body: { S: LOST } } },
    },
  }),
  insert('n-4', '', { newImage: { id: { S: 'n-4' }, message: { S: 'no map' } } }),
];

/** A change in the table's own stream. */
const tableChange = (eventName: string, id: string, newImage?: object, oldImage?: object) => {
  records += 1;
  return {
    eventID: uuid().replaceAll('-', ''),
    eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(FROM_MICROS / 1e6),
      Keys: { id: { S: id } },
      ...(newImage && { NewImage: { id: { S: id }, ...newImage } }),
      ...(oldImage && { OldImage: { id: { S: id }, ...oldImage } }),
      SequenceNumber: `1149650000000000${String(records).padStart(9, '0')}`,
      SizeBytes: 200,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
    eventSourceARN: `arn:aws:dynamodb:us-east-1:123456789012:table/${TABLE}/stream/2026-01-01T00:00:00.000`,
  };
};

/** An insert and its edit within one second, a label written back, another insert and its removal by time to live. */
const tableChanges = () => [
  tableChange('INSERT', 'd-1', { text: { S: LOST } }),
  tableChange('MODIFY', 'd-1', { text: { S: RATE } }, { text: { S: LOST } }),
  tableChange(
    'MODIFY',
    'd-1',
    { text: { S: RATE }, ...labelsOf(RATE, 'card_payment_wrong_exchange_rate') },
    { text: { S: RATE } },
  ),
  tableChange('INSERT', 'd-2', { text: { S: 'How do I change my PIN?' } }),
  { ...tableChange('REMOVE', 'd-2', undefined, { text: { S: 'How do I change my PIN?' } }), ...TTL },
];

const batch = () =>
  [...generateMessages({ seed: 100, count: 100 })].map((text, index) => insert(`b-${index}`, text));

const EVENTS = {
  'kinesis-dynamodb': () => [...inserts(), ...modifications(), ...removals()],
  insert: inserts,
  modify: modifications,
  remove: removals,
  timestamps,
  textblob: textblobs,
  poison,
  kpl,
  'nested-text': nestedTexts,
  routing,
  'dynamodb-stream': tableChanges,
  'batch-100': batch,
};

for (const [name, make] of Object.entries(EVENTS)) {
  records = 0;
  writeFileSync(
    join(import.meta.dirname, `${name}.json`),
    `${JSON.stringify({ Records: make() }, null, 2)}\n`,
  );
}
