import { base64, change } from '../support/records.ts';
import { LABEL_STORES } from '../../src/stores/label-stores.ts';
import { sendToTable } from '../support/table-in-memory.ts';

const nested = (levels: number): string => `${'{"L":['.repeat(levels)}{"S":"x"}${']}'.repeat(levels)}`;
const record = (keys: string, image: string): string =>
  base64(`{"eventName":"INSERT","tableName":"documents","dynamodb":{"Keys":${keys},"NewImage":${image}}}`);
const KEYS = '{"id":{"S":"bad"}}';
const TEXT = '{"text":{"S":"x"}}';

/** What the SDK cannot write down, or DynamoDB would refuse with the whole call. */
const BAD: readonly (readonly [string, string])[] = [
  ['a key whose string is a list', record('{"id":{"S":["p"]}}', TEXT)],
  ['a key of bytes that are a number', record('{"id":{"BS":[1]}}', TEXT)],
  ['a key of two types', record('{"id":{"S":"bad","N":"1"}}', TEXT)],
  ['a key nested 1,100 levels deep', record(`{"id":${nested(1_100)}}`, TEXT)],
  ['a key that is null', record('{"id":null}', TEXT)],
  ['a text of two types', record(KEYS, '{"text":{"S":"x","N":"1"}}')],
  ['a text that is null', record(KEYS, '{"text":null}')],
  ['a text of bytes that are a number', record(KEYS, '{"text":{"BS":[1]}}')],
  ['a text nested 40 levels deep', record(KEYS, `{"text":${nested(40)}}`)],
  ['a model that is null', record(KEYS, '{"text":{"S":"x"},"model_type":null}')],
  ['models of which one is a number', record(KEYS, '{"text":{"S":"x"},"model_type":{"SS":["toy",1]}}')],
  ['a pair of types around the text', record(KEYS, '{"message":{"M":{"body":{"S":["p"]}}}}')],
  ['plain JSON of 3,000 levels', base64(`{"id":"bad","text":"x","d":${'['.repeat(3e3)}${']'.repeat(3e3)}}`)],
];

describe.each(LABEL_STORES)('one bad record among 24 good ones, %s', (store) => {
  it.each(BAD)('is rejected, and they are labelled: %s', async (_, bad) => {
    const ids = Array.from({ length: 24 }, (__, index) => String(index));
    const datas = ids.map((id) => change(id, `text ${id}`));
    const items = ids.map((id) => ({ id: { S: id }, text: { S: `text ${id}` } }));
    const { kinds, rejects, ...tables } = await sendToTable(items, datas.toSpliced(7, 0, bad), store);
    expect(kinds).toEqual(Array(24).fill('labelled').toSpliced(7, 0, 'rejected'));
    const labelled = store === 'labels-table' ? tables.labels : tables.items;
    expect(labelled.filter(({ label }) => label !== undefined)).toHaveLength(24);
    expect(rejects).toHaveLength(1);
  });
});
