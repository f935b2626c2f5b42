import { createHash, randomBytes } from 'node:crypto';
import type { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { PermanentError, TransientError } from '../../src/errors.ts';
import { memoryClient } from '../../src/tools/chaos/histories/memory-client.ts';
import type { Reject } from '../../src/pipeline/destinations.ts';
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

  it('stores more rejects than are compressed at a time, and cuts partition keys that are none', async () => {
    const { table, store } = await open();
    const rejects = Array.from({ length: 450 }, (_, index) => ({
      ...reject('x'),
      sequenceNumber: String(index),
      partitionKey: 'é'.repeat(100_000),
    }));
    await store.put(rejects);
    const items = await dynamodb.items(table);
    expect(items).toHaveLength(450);
    expect(new Set(items.map(({ partition_key: key }) => key))).toEqual(new Set(['é'.repeat(256)]));
  });

  it('keeps no more memory for a reject than it has bytes', async () => {
    const sent: Uint8Array[] = [];
    const client = memoryClient(async (command) => {
      const { RequestItems = {} } = (command as BatchWriteItemCommand).input;
      for (const { PutRequest } of Object.values(RequestItems).flat())
        sent.push(PutRequest?.Item?.payload?.B as unknown as Uint8Array);
      return {};
    });
    const seen: number[] = [];
    const send = client.send.bind(client) as (command: BatchWriteItemCommand) => Promise<unknown>;
    Object.assign(client, {
      send: (command: BatchWriteItemCommand) => {
        for (const { PutRequest } of Object.values(command.input.RequestItems ?? {}).flat())
          seen.push(PutRequest?.Item?.payload?.B?.buffer.byteLength ?? 0);
        return send(command);
      },
    });
    await rejectsTable(client, { table: 't' }).put([reject('x'), { ...reject('x'), sequenceNumber: '2' }]);
    expect(sent).toHaveLength(2);
    // Small buffers share one of Node.js' pools; what gzip works in is twice as large, for each.
    expect(Math.max(...seen)).toBeLessThanOrEqual(Buffer.poolSize);
  });

  it('throws where a reject is not stored, so that it is not acknowledged', async () => {
    const store = rejectsTable(dynamodb.client, { table: 'no-such-table' });
    await expect(store.put([reject('x')])).rejects.toThrow(TransientError);
  });

  it.each([
    [true, 'ValidationException'],
    [true, 'AccessDeniedException'],
    [false, 'InternalServerError'],
  ])('says whether that lasts: %s for %s', async (isLasting, name) => {
    const client = memoryClient(() => Promise.reject(Object.assign(new Error('no'), { name })));
    await expect(rejectsTable(client, { table: 't' }).put([reject('x')])).rejects.toMatchObject({
      isLasting,
    });
  });
});
