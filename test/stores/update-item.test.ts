import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { PermanentError } from '../../src/errors.ts';
import { sha256 } from '../../src/pipeline/document.ts';
import { updateItemLabels } from '../../src/stores/update-item.ts';
import { describeLabelStore } from '../contract/label-store.ts';
import { labelWrite } from '../support/documents.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.stop());

describeLabelStore('update-item', async () => {
  const table = await dynamodb.createTable('id');
  return {
    store: updateItemLabels(dynamodb.client, { table }),
    broken: updateItemLabels(dynamodb.client, { table: 'no-such-table' }),
    // As an editor does it: only the text changes, what is known of the old one stays.
    putItem: async (id, text) => {
      const update = {
        TableName: table,
        Key: { id: { S: id } },
        ExpressionAttributeNames: { '#text': 'text' },
      };
      const values = { ExpressionAttributeValues: { ':text': { S: text } } };
      await dynamodb.client.send(
        new UpdateItemCommand({ ...update, ...values, UpdateExpression: 'SET #text = :text' }),
      );
    },
    deleteItem: async (id) => {
      await dynamodb.client.send(new DeleteItemCommand({ TableName: table, Key: { id: { S: id } } }));
    },
    labelOf: async (id) => {
      const item = (await dynamodb.items(table)).find((one) => one.id === id);
      return item?.label_hash === sha256(String(item?.text)) ? (item.label as string) : undefined;
    },
    ids: async () => (await dynamodb.items(table)).map(({ id }) => id as string),
  };
});

describe('update-item', () => {
  it('writes flat attributes under the prefix of the model and touches no other', async () => {
    const table = await dynamodb.createTable('id');
    await dynamodb.put(table, { id: 'a', text: 'hello', other: 'kept' });
    await updateItemLabels(dynamodb.client, { table }).put([
      labelWrite('a', 'hello', 'greeting', { id: 'intents@3', attribute: 'intent' }),
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

  it.each([
    ['superseded', 'the item is gone', undefined],
    ['superseded', 'it holds another text', { text: { S: 'newer' } }],
    ['unchanged', 'it holds the text, and so bears the label', { text: { S: 'hello' } }],
  ])('calls a failed condition %s where %s', async (kind, _, Item) => {
    const failed = new ConditionalCheckFailedException({
      message: 'failed',
      $metadata: {},
      ...(Item && { Item }),
    });
    const client = mockClient(DynamoDBClient).on(UpdateItemCommand).rejects(failed);
    const store = updateItemLabels(client as unknown as DynamoDBClient, { table: 't' });
    expect(await store.put([labelWrite('a', 'hello', 'x')])).toEqual([{ kind }]);
  });

  it.each(['ValidationException', 'ItemCollectionSizeLimitExceededException'])(
    'rejects on %s',
    async (name) => {
      const client = mockClient(DynamoDBClient)
        .on(UpdateItemCommand)
        .rejects(Object.assign(new Error('no'), { name }));
      const store = updateItemLabels(client as unknown as DynamoDBClient, { table: 't' });
      expect(await store.put([labelWrite('a', 'hello', 'x')])).toEqual([
        { kind: 'rejected', error: expect.any(PermanentError) },
      ]);
    },
  );

  it('keeps to its concurrency', async () => {
    let running = 0;
    let most = 0;
    const client = mockClient(DynamoDBClient)
      .on(UpdateItemCommand)
      .callsFake(async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 1));
        running -= 1;
      });
    const store = updateItemLabels(client as unknown as DynamoDBClient, { table: 't', concurrency: 3 });
    await store.put(Array.from({ length: 20 }, (_, index) => labelWrite(String(index), 'text', 'x')));
    expect(most).toBe(3);
  });
});
