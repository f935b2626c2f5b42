import { DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributePath } from '../../src/dynamodb-json/attribute-path.ts';
import type { AttributeMap } from '../../src/dynamodb-json/attributes.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import { labelNames } from '../../src/tasks/label-names.ts';
import type { LabelStore, LabelWrite } from '../../src/pipeline/destinations.ts';
import { contentKey, labelsTable } from '../../src/stores/labels-table.ts';
import type { StoreUnderTest } from '../contract/label-store.ts';
import { document, labelWrite, MODEL } from './documents.ts';
import type { TestDynamoDb } from './dynamodb.ts';

/** A label to write for the item with these keys, whose text is there. */
export const writeFor = (keys: AttributeMap, path: AttributePath, text: string): LabelWrite => {
  const { document, labels } = labelWrite('', text, 'x');
  const holds = [{ path, value: { S: text } }];
  return { document: { ...document, item: { name: JSON.stringify(keys), keys }, holds }, labels };
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
    found: async (id, { id: model, attribute } = MODEL) => {
      const item = (await dynamodb.items(table)).find((one) => one.id === id) ?? {};
      const found = foundAt(item, attribute);
      return found.hash === sha256(String(item.text)) && found.model === model ? found : undefined;
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
    found: async (id, model = MODEL) => {
      const text = String((await dynamodb.items(documents)).find((item) => item.id === id)?.text);
      const { name } = document(id, text).item;
      const row = (await dynamodb.items(table)).find(
        ({ item, content }) => item === name && content === contentKey(model.id, sha256(text)),
      );
      return row && foundAt(row, 'label');
    },
    ids: async () => (await dynamodb.items(documents)).map(({ id }) => id as string),
  };
};

/** A label as it is on an item or in a row, with what it has besides. */
const foundAt = (item: Readonly<Record<string, unknown>>, prefix: string) => {
  const { optional, ...names } = labelNames(prefix);
  return {
    label: item[names.label],
    error: item[names.error],
    score: item[names.score],
    model: item[names.model],
    hash: item[names.hash],
    by: item[optional.by],
    truncated: item[optional.truncated],
    listed: item[optional.listed],
  };
};

const deleteItem = async (dynamodb: TestDynamoDb, TableName: string, id: string): Promise<void> => {
  await dynamodb.client.send(new DeleteItemCommand({ TableName, Key: { id: { S: id } } }));
};
