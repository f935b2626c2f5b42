import { DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributePath } from '../../src/pipeline/attribute-path.ts';
import type { AttributeMap } from '../../src/pipeline/attributes.ts';
import { sha256 } from '../../src/pipeline/document.ts';
import type { LabelStore, LabelWrite } from '../../src/pipeline/store.ts';
import { contentKey, labelsTable } from '../../src/stores/labels-table.ts';
import type { StoreUnderTest } from '../contract/label-store.ts';
import { document, labelWrite } from './documents.ts';
import type { TestDynamoDb } from './dynamodb.ts';

/** A label to write for the item with these keys, whose text is there. */
export const writeFor = (keys: AttributeMap, path: AttributePath, text: string): LabelWrite => {
  const { document, label } = labelWrite('', text, 'x');
  return { document: { ...document, item: { name: JSON.stringify(keys), keys }, path }, label };
};

/** A store that labels the items of `table` themselves, for the contract suite. */
export const onItems = async (
  dynamodb: TestDynamoDb,
  storeOf: (table: string) => LabelStore,
): Promise<StoreUnderTest> => {
  const table = await dynamodb.createTable('id');
  return {
    store: storeOf(table),
    broken: storeOf('no-such-table'),
    // As an editor does it: only the text changes, what is known of the old one stays.
    putItem: async (id, text) => {
      await dynamodb.client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { id: { S: id } },
          UpdateExpression: 'SET #text = :text',
          ExpressionAttributeNames: { '#text': 'text' },
          ExpressionAttributeValues: { ':text': { S: text } },
        }),
      );
    },
    deleteItem: (id) => deleteItem(dynamodb, table, id),
    labelOf: async (id) => {
      const item = (await dynamodb.items(table)).find((one) => one.id === id);
      return item?.label_hash === sha256(String(item?.text)) ? (item.label as string) : undefined;
    },
    ids: async () => (await dynamodb.items(table)).map(({ id }) => id as string),
  };
};

/** A labels table beside a table of items, for the contract suite. */
export const inLabelsTable = async (dynamodb: TestDynamoDb): Promise<StoreUnderTest> => {
  const documents = await dynamodb.createTable('id');
  const table = await dynamodb.createTable('item', 'content');
  return {
    store: labelsTable(dynamodb.client, { table }),
    broken: labelsTable(dynamodb.client, { table: 'no-such-table' }),
    putItem: (id, text) => dynamodb.put(documents, { id, text }),
    deleteItem: (id) => deleteItem(dynamodb, documents, id),
    labelOf: async (id) => {
      const text = String((await dynamodb.items(documents)).find((item) => item.id === id)?.text);
      const { name } = document(id, text).item;
      const found = (await dynamodb.items(table)).find(
        ({ item, content }) => item === name && content === contentKey('toy@1', sha256(text)),
      );
      return found?.label as string | undefined;
    },
    ids: async () => (await dynamodb.items(documents)).map(({ id }) => id as string),
  };
};

const deleteItem = async (dynamodb: TestDynamoDb, TableName: string, id: string): Promise<void> => {
  await dynamodb.client.send(new DeleteItemCommand({ TableName, Key: { id: { S: id } } }));
};
