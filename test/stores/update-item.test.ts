import { ConditionalCheckFailedException, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { PermanentError } from '../../src/errors.ts';
import { sha256 } from '../../src/pipeline/document.ts';
import { updateItemLabels } from '../../src/stores/update-item.ts';
import { describeLabelStore } from '../contract/label-store.ts';
import { labelWrite } from '../support/documents.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { onItems } from '../support/label-stores.ts';

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.stop());

describeLabelStore('update-item', () =>
  onItems(dynamodb, (table) => updateItemLabels(dynamodb.client, { table })),
);

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
