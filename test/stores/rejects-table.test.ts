import { createHash, randomBytes } from 'node:crypto';
import { PermanentError, TransientError } from '../../src/errors.ts';
import type { Reject } from '../../src/pipeline/store.ts';
import { payloadData, rejectsTable } from '../../src/stores/rejects-table.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.stop());

const reject = (data: string): Reject => ({
  shard: 'changes/shardId-000000000000',
  sequenceNumber: '49650',
  partitionKey: 'a',
  data,
  error: new PermanentError('bad-json', 'data (3 characters) is not JSON'),
});

const open = async () => {
  const table = await dynamodb.createTable('shard', 'sequence_number');
  return {
    table,
    store: rejectsTable(dynamodb.client, { table, ttlDays: 30, now: () => 1_700_000_000_000 }),
  };
};

describe('rejects table', () => {
  it('keeps the reason and the data as delivered', async () => {
    const { table, store } = await open();
    await store.put([reject('not base64: é\ud83d!')]);
    const [item] = await dynamodb.items(table);
    expect(item).toMatchObject({
      shard: 'changes/shardId-000000000000',
      sequence_number: '49650',
      partition_key: 'a',
      code: 'bad-json',
      reason: 'data (3 characters) is not JSON',
      rejected_at: 1_700_000_000,
      expires_at: 1_700_000_000 + 30 * 86_400,
    });
    expect(payloadData(item?.payload as Uint8Array)).toBe('not base64: é\ufffd!');
  });

  it('keeps digest, size and the first kilobyte of data that an item cannot hold', async () => {
    const { table, store } = await open();
    const data = randomBytes(750_000).toString('base64');
    await store.put([reject(data)]);
    const [item] = await dynamodb.items(table);
    expect(item).toMatchObject({
      payload_sha256: createHash('sha256').update(data).digest('hex'),
      payload_bytes: 1_000_000,
      payload_head: data.slice(0, 1024),
    });
    expect(item?.payload).toBeUndefined();
  });

  it('stores a reject that is delivered again once', async () => {
    const { table, store } = await open();
    await store.put([reject('x')]);
    await store.put([reject('x')]);
    expect(await dynamodb.items(table)).toHaveLength(1);
  });

  it('throws where a reject is not stored, so that it is not acknowledged', async () => {
    const store = rejectsTable(dynamodb.client, { table: 'no-such-table' });
    await expect(store.put([reject('x')])).rejects.toThrow(TransientError);
  });
});
