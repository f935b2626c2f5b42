import { sha256 } from '../../src/tasks/content-hash.ts';
import { itemName } from '../../src/dynamodb-json/attributes.ts';
import { itemKey, labelsTable } from '../../src/stores/labels-table.ts';
import { describeLabelStore } from '../contract/label-store.ts';
import { labelWrite } from '../support/documents.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { inLabelsTable } from '../support/label-stores.ts';

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.stop());

describeLabelStore('labels-table', () => inLabelsTable(dynamodb));

describe('labels-table', () => {
  it('keeps a label under the item and the text it belongs to, and lets it expire', async () => {
    const table = await dynamodb.createTable('item', 'content');
    const store = labelsTable(dynamodb.client, {
      table,
      ttlDays: 7,
      now: () => 1_700_000_000_000,
    });
    await store.put([labelWrite('a', 'hello', 'greeting')]);
    expect(await dynamodb.items(table)).toEqual([
      {
        item: 'documents{"id":{"S":"a"}}',
        content: `toy@1#${sha256('hello')}`,
        label: 'greeting',
        label_score: 0.75,
        label_model: 'toy@1',
        label_hash: sha256('hello'),
        expires_at: 1_700_000_000 + 7 * 86_400,
      },
    ]);
  });

  it.each([1, 700, 1_024, 2_030])(
    'takes keys of items as long as DynamoDB does (%i characters of two bytes)',
    async (length) => {
      const table = await dynamodb.createTable('item', 'content');
      const { document, labels } = labelWrite('a', 'hello', 'x');
      const keys = { id: { S: 'é'.repeat(length / 2) }, sort: { S: 'x'.repeat(length / 2) } };
      const write = { document: { ...document, item: { name: itemName('documents', keys), keys } }, labels };
      expect(await labelsTable(dynamodb.client, { table }).put([write])).toEqual([{ kind: 'labelled' }]);
      const [row] = await dynamodb.items(table);
      expect(row).toMatchObject({ item: itemKey(write.document.item.name), label: 'x' });
    },
  );

  it('tells long keys apart, and keeps the name of short ones', () => {
    const name = (letter: string) => itemName('documents', { id: { S: letter.repeat(2_048) } });
    expect(itemKey(name('a'))).not.toBe(itemKey(name('b')));
    expect(itemKey(name('a'))).toMatch(/^documents#[0-9a-f]{64}$/);
    expect(itemKey('documents{"id":{"S":"a"}}')).toBe('documents{"id":{"S":"a"}}');
  });

  it('writes an item that is told twice in one call', async () => {
    const table = await dynamodb.createTable('item', 'content');
    const store = labelsTable(dynamodb.client, { table });
    const results = await store.put([labelWrite('a', 'hello', 'x'), labelWrite('a', 'hello', 'x')]);
    expect(results).toEqual([{ kind: 'labelled' }, { kind: 'labelled' }]);
    expect(await dynamodb.items(table)).toHaveLength(1);
  });
});
