import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionConflictException,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { PermanentError } from '../../src/errors.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import { MOST_MODELS } from '../../src/pipeline/items/route.ts';
import { updateItemLabels } from '../../src/stores/update-item.ts';
import { describeAnswersOnItems } from '../contract/answers-on-items.ts';
import { describeItemsWithoutLabel } from '../contract/items-without-label.ts';
import { describeLabelStore } from '../contract/label-store.ts';
import { describeRoutedItems } from '../contract/routed-items.ts';
import { describeSeenLabel } from '../contract/seen-label.ts';
import { answer, labelledItem, labelsWrite, labelWrite, MODEL } from '../support/documents.ts';
import { TONE } from '../../src/tools/chaos/histories/toy-models.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { onItems } from '../support/label-stores.ts';

/** A client that keeps what it is told to update. */
const recording = () => {
  const calls: UpdateItemCommandInput[] = [];
  const send = async ({ input }: UpdateItemCommand): Promise<object> => {
    calls.push(input);
    return {};
  };
  return { client: { send } as unknown as DynamoDBClient, calls };
};

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.stop());

describeLabelStore('update-item', () =>
  onItems(dynamodb, (table) => updateItemLabels(dynamodb.client, { table })),
);

describeRoutedItems('update-item', () => ({ dynamodb, labelsOn: updateItemLabels, again: 'superseded' }));

describeItemsWithoutLabel('update-item', () => ({ dynamodb, labelsOn: updateItemLabels }));

describeAnswersOnItems('update-item', () => ({ dynamodb, labelsOn: updateItemLabels }));

describeSeenLabel('update-item', () => ({ dynamodb, labelsOn: updateItemLabels, again: 'superseded' }));

describe('update-item', () => {
  it('writes the labels of an item in one call that costs one write', async () => {
    const table = await dynamodb.createTable('id');
    await dynamodb.put(table, { id: 'a', text: 'hello' });
    const send = jest.spyOn(dynamodb.client, 'send');
    await updateItemLabels(dynamodb.client, { table }).put([
      labelsWrite('a', 'hello', [
        [MODEL, answer('x')],
        [TONE, answer('calm', { truncated: true })],
      ]),
    ]);
    expect(send).toHaveBeenCalledTimes(1);
    send.mockRestore();
    expect(await dynamodb.items(table)).toEqual([
      expect.objectContaining({ label: 'x', tone: 'calm', tone_truncated: true, tone_model: 'tone@1' }),
    ]);
  });

  it('stays within what DynamoDB takes as a condition for as many models as an item may name', async () => {
    const table = await dynamodb.createTable('id');
    const { client, calls } = recording();
    const models = Array.from({ length: MOST_MODELS }, (_, index) => ({
      id: `a-model-with-a-name-${index}@1`,
      task: 'text-classification',
      attribute: `prefix-${index}`,
    }));
    const write = labelsWrite(
      'a',
      'hello',
      models.map((model) => [model, answer('x')] as const),
    );
    const pair = { path: ['second'], value: { S: 'x' } };
    const route = { path: ['model_type'], value: { S: 'x' } };
    const document = { ...write.document, holds: [...write.document.holds, pair, route] };
    await updateItemLabels(client, { table }).put([{ ...write, document }]);
    const condition = String(calls[0]?.ConditionExpression);
    expect(condition.length).toBeLessThan(4_096);
    expect(condition.match(/ (AND|OR|=) |NOT /g)?.length).toBeLessThanOrEqual(300);
    expect(String(calls[0]?.UpdateExpression).length).toBeLessThan(4_096);
  });

  it('removes with a label only what labels have, and nothing that only answers to questions have', async () => {
    const table = await dynamodb.createTable('id');
    const { client, calls } = recording();
    await updateItemLabels(client, { table }).put([labelWrite('a', 'hello', 'x')]);
    expect(Object.values(calls[0]?.ExpressionAttributeNames ?? {}).toSorted()).toEqual(
      ['label', 'label_by', 'label_error', 'label_hash', 'label_list', 'label_model', 'label_score'].concat(
        'label_truncated',
        'text',
      ),
    );
  });

  it('writes flat attributes under the prefix of the model and touches no other', async () => {
    const table = await dynamodb.createTable('id');
    await dynamodb.put(table, { id: 'a', text: 'hello', other: 'kept' });
    await updateItemLabels(dynamodb.client, { table }).put([
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

  it.each([
    ['superseded', 'the item is gone', undefined],
    ['superseded', 'it holds another text', { text: { S: 'newer' } }],
    ['unchanged', 'it holds the text and bears the label', labelledItem('hello')],
    ['rejected', 'it holds the text and does not bear the label', { text: { S: 'hello' } }],
  ])('calls a failed condition %s where %s', async (kind, _, Item) => {
    const failed = new ConditionalCheckFailedException({
      message: 'failed',
      $metadata: {},
      ...(Item && { Item }),
    });
    const client = mockClient(DynamoDBClient).on(UpdateItemCommand).rejects(failed);
    const store = updateItemLabels(client as unknown as DynamoDBClient, {
      table: 't',
    });
    expect(await store.put([labelWrite('a', 'hello', 'x')])).toMatchObject([{ kind }]);
  });

  it.each(['ValidationException', 'ItemCollectionSizeLimitExceededException'])(
    'rejects on %s',
    async (name) => {
      const client = mockClient(DynamoDBClient)
        .on(UpdateItemCommand)
        .rejects(Object.assign(new Error('no'), { name }));
      const store = updateItemLabels(client as unknown as DynamoDBClient, {
        table: 't',
      });
      expect(await store.put([labelWrite('a', 'hello', 'x')])).toEqual([
        { kind: 'rejected', error: expect.any(PermanentError) },
      ]);
    },
  );

  it('makes a write again that meets a transaction, and tells how often', async () => {
    const conflict = Object.assign(new TransactionConflictException({ message: 'no', $metadata: {} }));
    const client = mockClient(DynamoDBClient)
      .on(UpdateItemCommand)
      .rejectsOnce(conflict)
      .rejectsOnce(conflict)
      .resolves({});
    const store = updateItemLabels(client as unknown as DynamoDBClient, {
      table: 't',
      pauseMs: 1,
    });
    let retries = 0;
    const onRetry = (calls: number): void => {
      retries += calls;
    };
    expect(await store.put([labelWrite('a', 'hello', 'x')], { onRetry })).toEqual([{ kind: 'labelled' }]);
    expect(retries).toBe(2);
  });

  it('takes hardly more calls than records where one in twenty meets a transaction', async () => {
    let calls = 0;
    const client = mockClient(DynamoDBClient)
      .on(UpdateItemCommand)
      .callsFake(async () => {
        calls += 1;
        if (calls % 20 === 0) throw new TransactionConflictException({ message: 'no', $metadata: {} });
        return {};
      });
    const store = updateItemLabels(client as unknown as DynamoDBClient, {
      table: 't',
      pauseMs: 1,
    });
    const writes = Array.from({ length: 400 }, (_, index) => labelWrite(String(index), 'text', 'x'));
    const results = await store.put(writes);
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['labelled']));
    expect(calls).toBeLessThan(1.1 * writes.length);
  });

  it('fails a write that meets nothing but transactions', async () => {
    const client = mockClient(DynamoDBClient)
      .on(UpdateItemCommand)
      .rejects(new TransactionConflictException({ message: 'no', $metadata: {} }));
    const store = updateItemLabels(client as unknown as DynamoDBClient, {
      table: 't',
      pauseMs: 1,
      attempts: 3,
    });
    expect(await store.put([labelWrite('a', 'hello', 'x')])).toEqual([
      { kind: 'failed', error: expect.objectContaining({ message: expect.stringMatching(/3 attempts/) }) },
    ]);
  });

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
    const store = updateItemLabels(client as unknown as DynamoDBClient, {
      table: 't',
      concurrency: 3,
    });
    await store.put(Array.from({ length: 20 }, (_, index) => labelWrite(String(index), 'text', 'x')));
    expect(most).toBe(3);
  });
});
