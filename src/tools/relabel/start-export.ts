import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExportCommand,
  type DynamoDBClient,
  ExportTableToPointInTimeCommand,
} from '@aws-sdk/client-dynamodb';
import { errorName, must } from '../../errors.ts';
import type { Place } from '../../stores/objects/place.ts';
import { failedCall } from '../aws-fault.ts';
import { UserError } from '../user-error.ts';

/**
 * Starts an export of a table as it is now, in DynamoDB JSON.
 *
 * @returns its ARN
 * @throws UserError where it cannot be started: without point-in-time recovery, or a permission
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html
 */
export const startExport = async (
  dynamodb: DynamoDBClient,
  TableArn: string,
  { bucket, key }: Place,
): Promise<string> => {
  try {
    const { ExportDescription } = await dynamodb.send(
      new ExportTableToPointInTimeCommand({
        TableArn,
        S3Bucket: bucket,
        ...(key !== '' && { S3Prefix: key.replace(/\/+$/, '') }),
        ExportFormat: 'DYNAMODB_JSON',
      }),
    );
    return must(ExportDescription?.ExportArn, 'ExportArn of ExportTableToPointInTime');
  } catch (cause) {
    if (errorName(cause) !== 'PointInTimeRecoveryUnavailableException')
      throw failedCall(`Exporting ${TableArn}`, cause);
    throw new UserError(
      `${TableArn} has no point-in-time recovery, which exports need: turn it on, or relabel by a scan.`,
      { cause },
    );
  }
};

/** An export that has ended without its files. */
export class FailedExport extends UserError {}

/** Exports take minutes at least. */
const POLL_MS = 15_000;

/**
 * Waits for an export.
 *
 * @param pollMs between two looks
 * @returns where its manifests are
 * @throws FailedExport; UserError where it cannot be looked at; the reason of the signal
 */
export const finishedExport = async (
  dynamodb: DynamoDBClient,
  ExportArn: string,
  signal: AbortSignal,
  pollMs = POLL_MS,
): Promise<Place> => {
  for (;;) {
    const { ExportDescription } = await dynamodb
      .send(new DescribeExportCommand({ ExportArn }), { abortSignal: signal })
      .catch((cause: unknown) => {
        throw failedCall(`Looking at export ${ExportArn}`, cause);
      });
    const { ExportStatus, ExportManifest, S3Bucket, FailureMessage } = must(
      ExportDescription,
      `description of export ${ExportArn}`,
    );
    if (ExportStatus === 'COMPLETED') {
      const manifest = must(ExportManifest, `ExportManifest of ${ExportArn}`);
      return { bucket: must(S3Bucket, 'S3Bucket'), key: manifest.slice(0, manifest.lastIndexOf('/') + 1) };
    }
    if (ExportStatus === 'FAILED')
      throw new FailedExport(`The export ${ExportArn} failed: ${FailureMessage ?? 'without a reason'}.`);
    await sleep(pollMs, undefined, { signal });
  }
};
