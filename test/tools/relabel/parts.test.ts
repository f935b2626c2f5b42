import {
  DescribeExportCommand,
  DynamoDBClient,
  ExportTableToPointInTimeCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { mockClient } from 'aws-sdk-client-mock';
import { capacityLimit, type Clock } from '../../../src/stores/dynamodb/capacity-limit.ts';
import { estimateOf, type EstimateOptions } from '../../../src/tools/relabel/cost.ts';
import { meterClient } from '../../../src/stores/dynamodb/metered-client.ts';
import { FailedExport, finishedExport, startExport } from '../../../src/tools/relabel/start-export.ts';
import { UserError } from '../../../src/tools/user-error.ts';

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

describe('estimateOf', () => {
  it('takes units by the size of items, and time by the slowest of model and limits', () => {
    const options: EstimateOptions = {
      ...{ chosen: 10_000, examined: 20_000, model: 'banking77-tfidf@1' },
      store: 'partiql',
      // 2 KB each.
      consumed: { read: 5_000, write: 0 },
      limits: { read: 1_000, write: 1_000 },
    };
    const { writeUnits, seconds, cost } = estimateOf(options);
    expect([writeUnits, seconds]).toEqual([30_000, 30]);
    expect(cost.total).toBeCloseTo(5_000 * 0.125e-6 + 30_000 * 0.625e-6 + 10_000 * 0.1e-6, 9);
    expect(estimateOf({ ...options, store: 'labels-table' })).toMatchObject({
      writeUnits: 10_000,
      cost: { changeCapture: 0 },
    });
    expect(estimateOf({ ...options, model: 'mine@1' }).seconds).toBeNull();
  });
});

describe('an export', () => {
  const ARN = 'arn:aws:dynamodb:us-east-1:123456789012:table/documents';
  const EXPORT = `${ARN}/export/0123`;
  const client = new DynamoDBClient({ region: 'us-east-1' });
  const aws = mockClient(client);
  const { signal } = new AbortController();
  beforeEach(() => aws.reset());

  it('is started, waited for and found', async () => {
    aws.on(ExportTableToPointInTimeCommand).resolves({ ExportDescription: { ExportArn: EXPORT } });
    expect(await startExport(client, ARN, { bucket: 'exports', key: 'tables/' })).toBe(EXPORT);
    expect(aws.commandCalls(ExportTableToPointInTimeCommand)[0]?.args[0].input).toEqual({
      ...{ TableArn: ARN, S3Bucket: 'exports', S3Prefix: 'tables', ExportFormat: 'DYNAMODB_JSON' },
    });
    const manifest = 'tables/AWSDynamoDB/0123/manifest-summary.json';
    aws
      .on(DescribeExportCommand)
      .resolvesOnce({ ExportDescription: { ExportStatus: 'IN_PROGRESS' } })
      .resolves({
        ExportDescription: { ExportStatus: 'COMPLETED', ExportManifest: manifest, S3Bucket: 'exports' },
      });
    expect(await finishedExport(client, EXPORT, signal, 1)).toEqual({
      bucket: 'exports',
      key: 'tables/AWSDynamoDB/0123/',
    });
  });

  it('says what to do without point-in-time recovery, and why one failed', async () => {
    const error = Object.assign(new Error('off'), { name: 'PointInTimeRecoveryUnavailableException' });
    aws.on(ExportTableToPointInTimeCommand).rejects(error);
    const started = startExport(client, ARN, { bucket: 'exports', key: '' });
    await expect(started).rejects.toThrow('no point-in-time recovery');
    await expect(started).rejects.toBeInstanceOf(UserError);
    aws
      .on(DescribeExportCommand)
      .resolves({ ExportDescription: { ExportStatus: 'FAILED', FailureMessage: 'no such bucket' } });
    const waited = finishedExport(client, EXPORT, signal, 1);
    await expect(waited).rejects.toThrow('no such bucket');
    await expect(waited).rejects.toBeInstanceOf(FailedExport);
  });
});
