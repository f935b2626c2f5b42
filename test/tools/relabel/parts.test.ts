import {
  DescribeExportCommand,
  DynamoDBClient,
  ExportTableToPointInTimeCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { estimateOf, type EstimateOptions } from '../../../src/tools/relabel/cost.ts';
import { FailedExport, finishedExport, startExport } from '../../../src/tools/relabel/start-export.ts';
import { UserError } from '../../../src/tools/user-error.ts';

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
