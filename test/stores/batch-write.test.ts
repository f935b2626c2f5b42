import {
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { PermanentError, TransientError } from '../../src/errors.ts';
import { batchWriter } from '../../src/stores/dynamodb/batch-write.ts';

const items = (count: number) => Array.from({ length: count }, (_, index) => ({ id: { S: String(index) } }));

/** A DynamoDB that answers each call as told; no emulator misbehaves this way. */
const answering = (answer: (ids: string[], call: number) => { unprocessed?: string[]; error?: string }) => {
  const stored: string[] = [];
  let calls = 0;
  const client = mockClient(DynamoDBClient)
    .on(BatchWriteItemCommand)
    .callsFake(({ RequestItems }: BatchWriteItemCommandInput) => {
      const ids = (RequestItems?.t ?? []).map(({ PutRequest }) => PutRequest?.Item?.id?.S ?? '');
      const { unprocessed = [], error } = answer(ids, calls++);
      if (error !== undefined) throw Object.assign(new Error(error), { name: error });
      stored.push(...ids.filter((id) => !unprocessed.includes(id)));
      return {
        UnprocessedItems: { t: unprocessed.map((id) => ({ PutRequest: { Item: { id: { S: id } } } })) },
      };
    });
  const write = batchWriter(client as unknown as DynamoDBClient, {
    table: 't',
    keys: ['id'],
    pauseMs: 1,
    attempts: 5,
  });
  return { write, stored, calls: () => calls };
};

describe('batch writer', () => {
  it('sends 25 items a call', async () => {
    const sizes: number[] = [];
    const { write } = answering((ids) => {
      sizes.push(ids.length);
      return {};
    });
    await write(items(60));
    expect(sizes).toEqual([25, 25, 10]);
  });

  it('sends unprocessed items again until none is left', async () => {
    const { write, stored } = answering((ids, call) => ({ unprocessed: call < 3 ? ids.slice(1) : [] }));
    expect(await write(items(10))).toEqual(items(10).map(() => ({ ok: true })));
    expect(stored.toSorted()).toEqual(items(10).map(({ id }) => id.S));
  });

  it('says which items stay unprocessed after its attempts', async () => {
    const { write, calls } = answering(() => ({ unprocessed: ['1'] }));
    const results = await write(items(3));
    expect(results).toEqual([{ ok: true }, { ok: false, error: expect.any(TransientError) }, { ok: true }]);
    expect(calls()).toBe(5);
  });

  it('finds the items for which a call is refused', async () => {
    const { write, stored } = answering((ids) => (ids.includes('7') ? { error: 'ValidationException' } : {}));
    const results = await write(items(25));
    expect(results[7]).toEqual({ ok: false, error: expect.any(PermanentError) });
    expect(results.filter(({ ok }) => ok)).toHaveLength(24);
    expect(stored).toHaveLength(24);
  });

  it('fails the items of a call that cannot be made, and only those', async () => {
    const { write } = answering((ids) => (ids.includes('30') ? { error: 'ThrottlingException' } : {}));
    const results = await write(items(60));
    expect(results.flatMap(({ ok }, index) => (ok ? [] : [index]))).toEqual(
      Array.from({ length: 25 }, (_, i) => i + 25),
    );
  });
});
