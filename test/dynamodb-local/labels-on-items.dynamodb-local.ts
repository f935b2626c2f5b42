import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PermanentError } from '../../src/errors.ts';
import type { AttributePath } from '../../src/dynamodb-json/attribute-path.ts';
import type { AttributeMap } from '../../src/dynamodb-json/attributes.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import { partiqlLabels } from '../../src/stores/partiql.ts';
import { updateItemLabels } from '../../src/stores/update-item.ts';
import { toWire } from '../../src/stores/dynamodb/wire-format.ts';
import { describeAnswersOnItems } from '../contract/answers-on-items.ts';
import { describeItemsWithoutLabel } from '../contract/items-without-label.ts';
import { describeRoutedItems } from '../contract/routed-items.ts';
import { describeSeenLabel } from '../contract/seen-label.ts';
import { labelWrite } from '../support/documents.ts';
import { startDynamoDb, type TableDefinition, type TestDynamoDb } from '../support/dynamodb.ts';
import { writeFor } from '../support/label-stores.ts';

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.stop());

describeRoutedItems('partiql', () => ({ dynamodb, labelsOn: partiqlLabels, again: 'unchanged' }));
describeRoutedItems('update-item', () => ({ dynamodb, labelsOn: updateItemLabels, again: 'unchanged' }));

describeItemsWithoutLabel('partiql', () => ({ dynamodb, labelsOn: partiqlLabels }));
describeItemsWithoutLabel('update-item', () => ({ dynamodb, labelsOn: updateItemLabels }));

describeAnswersOnItems('partiql', () => ({ dynamodb, labelsOn: partiqlLabels }));
describeAnswersOnItems('update-item', () => ({ dynamodb, labelsOn: updateItemLabels }));

describeSeenLabel('partiql', () => ({ dynamodb, labelsOn: partiqlLabels, again: 'unchanged' }));
describeSeenLabel('update-item', () => ({ dynamodb, labelsOn: updateItemLabels, again: 'unchanged' }));

describe.each([
  ['partiql', partiqlLabels],
  ['update-item', updateItemLabels],
])('%s', (_, labelsOn) => {
  const open = async (...keys: TableDefinition['keys']) => {
    const { name: table } = await dynamodb.create({ keys });
    return { table, store: labelsOn(dynamodb.client, { table }) };
  };

  it('writes flat attributes under the prefix of the model and touches no other', async () => {
    const { table, store } = await open('id');
    await dynamodb.put(table, { id: 'a', text: 'hello', other: 'kept' });
    await store.put([
      labelWrite('a', 'hello', 'greeting', {
        id: 'intents@3',
        task: 'text-classification',
        attribute: 'intent',
      }),
    ]);
    expect(await dynamodb.items(table)).toEqual([
      {
        id: 'a',
        text: 'hello',
        other: 'kept',
        intent: 'greeting',
        intent_score: 0.75,
        intent_model: 'intents@3',
        intent_hash: sha256('hello'),
      },
    ]);
  });

  it('tells a label that is there from a text that is not, in one call', async () => {
    const { table, store } = await open('id');
    for (const id of ['done', 'new', 'edited']) await dynamodb.put(table, { id, text: 'hello' });
    await store.put([labelWrite('done', 'hello', 'x')]);
    const ids = ['done', 'new', 'gone'];
    const writes = [
      ...ids.map((id) => labelWrite(id, 'hello', 'x')),
      labelWrite('edited', 'before the edit', 'y'),
    ];
    expect((await store.put(writes)).map(({ kind }) => kind)).toEqual([
      'unchanged',
      'labelled',
      'superseded',
      'superseded',
    ]);
    expect((await dynamodb.items(table)).map(({ id }) => id)).not.toContain('gone');
  });

  it.each(['label_hash', 'label_model'])('replaces a label whose %s is of another type', async (name) => {
    const { table, store } = await open('id');
    const write = labelWrite('a', 'hello', 'x');
    const own = {
      label_hash: { S: write.document.hash },
      label_model: { S: write.labels[0]?.model.id ?? '' },
    };
    const Item = { id: { S: 'a' }, text: { S: 'hello' }, ...own, [name]: { N: '1' } };
    await dynamodb.client.send(new PutItemCommand({ TableName: table, Item }));
    expect(await store.put([write])).toEqual([{ kind: 'labelled' }]);
    expect(await store.put([write])).toEqual([{ kind: 'unchanged' }]);
  });

  it('leaves alone an item whose text is of another type', async () => {
    const { table, store } = await open('id');
    const Item = { id: { S: 'a' }, text: { N: '7' } };
    await dynamodb.client.send(new PutItemCommand({ TableName: table, Item }));
    expect(await store.put([labelWrite('a', '7', 'x')])).toEqual([{ kind: 'superseded' }]);
  });

  it.each<[string, AttributeMap]>([
    ['a string', { S: `it's "x" -- é ☕` }],
    ['a number of 38 digits', { N: '12345678901234567890123456789012345678' }],
    ['bytes', { B: Buffer.from([0, 255, 34, 39]).toString('base64') }],
  ] as never)('finds items whose keys are %s, alone and as sort key', async (_, key) => {
    const type = Object.keys(key)[0] as 'S' | 'N' | 'B';
    const awkward = { name: 'k.e"y', type };
    for (const keys of [[awkward], ['select', awkward]] as const) {
      const { table, store } = await open(...keys);
      const item = { ...(keys.length === 2 && { select: { S: 'p' } }), 'k.e"y': key } as AttributeMap;
      const Item = { ...toWire(item), 'the "text" #1': { S: 'hello' } };
      await dynamodb.client.send(new PutItemCommand({ TableName: table, Item }));
      const write = writeFor(item, ['the "text" #1'], 'hello');
      expect(await store.put([write])).toEqual([{ kind: 'labelled' }]);
      expect(await store.put([write])).toEqual([{ kind: 'unchanged' }]);
      expect(await dynamodb.items(table)).toEqual([expect.objectContaining({ label: 'x' })]);
    }
  });

  it.each<[string, AttributePath]>([
    ['a map', ['message', 'bo.dy']],
    ['a list', ['parts', 1, 'text']],
  ])('finds a text within %s', async (_, path) => {
    const { table, store } = await open('id');
    const texts = { 'bo.dy': { S: 'hello' }, text: { S: 'hello' } };
    const Item = { id: { S: 'a' }, message: { M: texts }, parts: { L: [{ S: '' }, { M: texts }] } };
    await dynamodb.client.send(new PutItemCommand({ TableName: table, Item }));
    const kinds = async (text: string) =>
      (await store.put([writeFor({ id: { S: 'a' } }, path, text)])).map(({ kind }) => kind);
    expect(await kinds('an older text')).toEqual(['superseded']);
    expect(await kinds('hello')).toEqual(['labelled']);
    expect(await kinds('hello')).toEqual(['unchanged']);
  });

  it('takes an item without the map in which the text was as edited', async () => {
    const { table, store } = await open('id');
    await dynamodb.put(table, { id: 'a', message: 'no map any more' });
    const write = writeFor({ id: { S: 'a' } }, ['message', 'body'], 'hello');
    expect(await store.put([write])).toEqual([{ kind: 'superseded' }]);
  });

  it('rejects what DynamoDB refuses, and only that', async () => {
    const { table, store } = await open('id');
    for (const id of ['a', 'b', 'c']) await dynamodb.put(table, { id, text: 'hello' });
    const results = await store.put([
      labelWrite('a', 'hello', 'x'),
      // An item holds 400 KB.
      labelWrite('b', 'hello', 'x'.repeat(410_000)),
      writeFor({ id: { N: '1' } }, ['text'], 'hello'),
      writeFor({ other: { S: 'a' } }, ['text'], 'hello'),
      labelWrite('c', 'hello', 'x'),
    ]);
    const refused = { kind: 'rejected', error: expect.any(PermanentError) };
    expect(results).toEqual([{ kind: 'labelled' }, refused, refused, refused, { kind: 'labelled' }]);
  });

  it('makes all writes of one item', async () => {
    const { table, store } = await open('id');
    await dynamodb.put(table, { id: 'a', text: 'hello' });
    const results = await store.put([
      labelWrite('a', 'an older text', 'old'),
      labelWrite('a', 'hello', 'x'),
      labelWrite('a', 'hello', 'yes', { id: 'other@1', task: 'text-classification', attribute: 'other' }),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(['superseded', 'labelled', 'labelled']);
    expect(await dynamodb.items(table)).toEqual([expect.objectContaining({ label: 'x', other: 'yes' })]);
  });
});
