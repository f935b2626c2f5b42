import { DynamoDBClient, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { capacityLimit, type Clock } from '../../src/stores/dynamodb/capacity-limit.ts';
import { meterClient } from '../../src/stores/dynamodb/metered-client.ts';

/** A clock that passes only while somebody waits. */
const clockOf = () => {
  let time = 0;
  const clock: Clock = {
    now: () => time,
    wait: async (ms, signal) => {
      signal?.throwIfAborted();
      time += ms;
    },
  };
  return { clock, time: () => time };
};

describe('capacityLimit', () => {
  it('keeps to its rate, whatever calls turn out to consume', async () => {
    const call = fc.record({
      taken: fc.integer({ min: 1, max: 200 }),
      consumed: fc.integer({ min: 0, max: 400 }),
    });
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 1_000 }),
      fc.array(call, { minLength: 1 }),
      async (rate, calls) => {
        const { clock, time } = clockOf();
        const limit = capacityLimit(rate, clock);
        let before = 0;
        for (const { taken, consumed } of calls) {
          await limit.take(taken);
          // All before this call is paid for.
          expect(time()).toBeGreaterThanOrEqual((before / rate) * 1000 - 1e-6);
          limit.settle(taken, consumed);
          before += consumed;
        }
      },
    );
    await fc.assert(property);
  });

  it('does not wait where there is no limit, nor once it is told to stop', async () => {
    const { clock, time } = clockOf();
    await capacityLimit(Number.POSITIVE_INFINITY, clock).take(1e9);
    expect(time()).toBe(0);
    await expect(capacityLimit(1, clock).take(1, AbortSignal.abort())).rejects.toThrow('aborted');
  });
});

describe('meterClient', () => {
  it('asks every call for its capacity, and counts a condition that failed', async () => {
    const client = new DynamoDBClient({
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
      requestHandler: {
        handle: async ({ headers, body }: { headers: Record<string, string>; body: string }) => {
          const { ReturnConsumedCapacity } = JSON.parse(body);
          const isScan = headers['x-amz-target']?.endsWith('.Scan') === true;
          const answer = isScan
            ? {
                Items: [],
                ...(ReturnConsumedCapacity === 'TOTAL' && { ConsumedCapacity: { CapacityUnits: 3.5 } }),
              }
            : { __type: 'ConditionalCheckFailedException', message: 'no' };
          const bytes = new TextEncoder().encode(JSON.stringify(answer));
          const { Readable } = await import('node:stream');
          return { response: { statusCode: isScan ? 200 : 400, headers: {}, body: Readable.from([bytes]) } };
        },
      } as never,
    });
    const limits = { read: capacityLimit(1e9), write: capacityLimit(1e9) };
    const { consumed } = meterClient(client, limits);
    await client.send(new ScanCommand({ TableName: 't' }));
    await client.send(new ScanCommand({ TableName: 't' }));
    const update = new UpdateItemCommand({ TableName: 't', Key: { id: { S: 'a' } } });
    await expect(client.send(update)).rejects.toThrow('no');
    expect(consumed()).toEqual({ read: 7, write: 1 });
  });
});
