import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { TransientError } from '../../src/errors.ts';
import { partiqlLabels } from '../../src/stores/partiql.ts';
import { labelWrite } from '../support/documents.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { writeFor } from '../support/label-stores.ts';

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.stop());

describe('partiql', () => {
  it('writes those of an item in their order, the last one for good', async () => {
    const { name: table } = await dynamodb.create({ keys: ['id'] });
    await dynamodb.put(table, { id: 'a', text: 'hello' });
    const store = partiqlLabels(dynamodb.client, { table });
    const versions = [1, 2, 3, 4].map((n) =>
      labelWrite('a', 'hello', `label ${n}`, {
        id: `toy@${n}`,
        task: 'text-classification',
        attribute: 'label',
      }),
    );
    expect(await store.put(versions)).toEqual(versions.map(() => ({ kind: 'labelled' })));
    expect(await dynamodb.items(table)).toEqual([expect.objectContaining({ label: 'label 4' })]);
  });

  it('labels all items of a call that is refused as a whole', async () => {
    const { name: table } = await dynamodb.create({ keys: [{ name: 'id', type: 'N' }] });
    for (const N of ['1', '2']) {
      const Item = { id: { N }, text: { S: 'hello' } };
      await dynamodb.client.send(new PutItemCommand({ TableName: table, Item }));
    }
    // The same number spelled twice is one item to DynamoDB, which takes no two statements for it in a call.
    const writes = ['1', '1.0', '2'].map((N) => writeFor({ id: { N } }, ['text'], 'hello'));
    const results = await partiqlLabels(dynamodb.client, { table }).put(writes);
    // A refused call may have written before it was refused.
    for (const { kind } of results) expect(['labelled', 'unchanged']).toContain(kind);
    const labelled = (id: number) => expect.objectContaining({ id, label: 'x' });
    expect(await dynamodb.items(table)).toEqual(expect.arrayContaining([labelled(1), labelled(2)]));
  });

  it('fails what cannot be sent', async () => {
    const store = partiqlLabels(dynamodb.client, { table: 'no-such-table' });
    expect(await store.put([labelWrite('a', 'hello', 'x')])).toEqual([
      { kind: 'failed', error: expect.any(TransientError) },
    ]);
  });
});
