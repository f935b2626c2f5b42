import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { sha256 } from '../../src/pipeline/document.ts';
import { contentKey, labelsTable } from '../../src/stores/labels-table.ts';
import { describeLabelStore } from '../contract/label-store.ts';
import { document, labelWrite } from '../support/documents.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.stop());

describeLabelStore('labels-table', async () => {
  const documents = await dynamodb.createTable('id');
  const table = await dynamodb.createTable('item', 'content');
  return {
    store: labelsTable(dynamodb.client, { table }),
    broken: labelsTable(dynamodb.client, { table: 'no-such-table' }),
    putItem: (id, text) => dynamodb.put(documents, { id, text }),
    deleteItem: async (id) => {
      await dynamodb.client.send(new DeleteItemCommand({ TableName: documents, Key: { id: { S: id } } }));
    },
    labelOf: async (id) => {
      const text = String((await dynamodb.items(documents)).find((item) => item.id === id)?.text);
      const { name } = document(id, text).item;
      const labels = await dynamodb.items(table);
      const found = labels.find(
        ({ item, content }) => item === name && content === contentKey('toy@1', sha256(text)),
      );
      return found?.label as string | undefined;
    },
    ids: async () => (await dynamodb.items(documents)).map(({ id }) => id as string),
  };
});

describe('labels-table', () => {
  it('keeps a label under the item and the text it belongs to, and lets it expire', async () => {
    const table = await dynamodb.createTable('item', 'content');
    const store = labelsTable(dynamodb.client, { table, ttlDays: 7, now: () => 1_700_000_000_000 });
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

  it('writes an item that is told twice in one call', async () => {
    const table = await dynamodb.createTable('item', 'content');
    const store = labelsTable(dynamodb.client, { table });
    const results = await store.put([labelWrite('a', 'hello', 'x'), labelWrite('a', 'hello', 'x')]);
    expect(results).toEqual([{ kind: 'labelled' }, { kind: 'labelled' }]);
    expect(await dynamodb.items(table)).toHaveLength(1);
  });
});
