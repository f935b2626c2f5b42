import { BatchGetItemCommand, type BatchGetItemCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { TransientError } from '../../src/errors.ts';
import { labelReader } from '../../src/tools/ingest/stage/label-lookup.ts';
import type { Item } from '../../src/stores/dynamodb/batch-write.ts';
import { readItems } from '../../src/stores/dynamodb/read-items.ts';

const key = (id: number) => ({ id: { S: String(id) } });
const item = ({ id }: Item) => ({ id: { S: String(id?.S) }, label: { S: `label of ${id?.S}` } });

/** A table of items with odd numbers that reads so many keys a call. */
const tableThat = (readsOf: (call: number) => number) => {
  const asked: number[] = [];
  const client = mockClient(DynamoDBClient)
    .on(BatchGetItemCommand)
    .callsFake(async ({ RequestItems = {} }: BatchGetItemCommandInput) => {
      const keys = RequestItems.table?.Keys ?? [];
      asked.push(keys.length);
      const reads = readsOf(asked.length);
      const odd = keys.slice(0, reads).filter(({ id }) => Number(id?.S) % 2 === 1);
      return {
        Responses: { table: odd.map(item) },
        UnprocessedKeys: reads < keys.length ? { table: { Keys: keys.slice(reads) } } : {},
      };
    });
  return { asked, client: client as unknown as DynamoDBClient };
};
const options = { table: 'table', attempts: 3, pauseMs: 0 };

describe('readItems', () => {
  it('gives one item per key, 100 a call, and asks again for what was left unread', async () => {
    const { asked, client } = tableThat((call) => (call === 1 ? 30 : 100));
    const keys = Array.from({ length: 150 }, (_, id) => key(id));
    const found = await readItems(client, options, keys);
    expect(found).toEqual(keys.map((one, id) => (id % 2 === 1 ? item(one) : undefined)));
    expect(asked.toSorted((a, b) => a - b)).toEqual([50, 70, 100]);
  });

  it('gives up, with an error, after some calls in a row that read nothing', async () => {
    const { asked, client } = tableThat((call) => (call === 2 ? 1 : 0));
    await expect(readItems(client, options, [key(0), key(1)])).rejects.toThrow(
      new TransientError('table table left 1 items unread in 3 attempts'),
    );
    expect(asked).toEqual([2, 2, 1, 1, 1]);
  });
});

describe('labelReader of a stage', () => {
  it('says what failed, and not that there is no label', async () => {
    const client = mockClient(DynamoDBClient)
      .on(BatchGetItemCommand)
      .rejects(Object.assign(new Error('the SSO session has expired'), { name: 'TokenProviderError' }));
    const read = labelReader(client as unknown as DynamoDBClient, {
      table: 'table',
      attribute: 'label',
      model: 'toy@1',
      labelsTable: undefined,
    });
    await expect(read([{ keys: key(1), name: 'table{}', hash: '' }])).rejects.toThrow(
      /^No valid AWS credentials \(TokenProviderError\)/,
    );
  });
});
