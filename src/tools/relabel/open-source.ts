import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { DocumentSettings } from '../../pipeline/items/document.ts';
import { NOTHING } from '../../pipeline/relabel/counts.ts';
import type { ObjectStore } from '../../pipeline/objects/object-store.ts';
import { folderObjects } from '../../stores/objects/folder.ts';
import { isFolderBucket, type Place } from '../../stores/objects/place.ts';
import { s3Objects } from '../../stores/objects/s3.ts';
import { exportSource } from '../../stores/table-export/source.ts';
import type { Progress, RelabelRun } from './progress-file.ts';
import { tableScan } from '../../stores/dynamodb/table-scan.ts';
import type { ItemSource } from '../../pipeline/relabel/source.ts';
import { FailedExport, finishedExport, startExport } from './start-export.ts';
import type { TableFacts } from './table.ts';

/** An export to read, or where a new one is to be put. */
export interface ExportChoice {
  readonly place: Place;
  readonly isNew: boolean;
}

export interface SourceOptions {
  readonly from: ExportChoice | undefined;
  readonly run: RelabelRun;
  readonly table: TableFacts;
  readonly settings: DocumentSettings;
  readonly segments: number;
  readonly attributes: readonly string[];
  readonly dynamodb: DynamoDBClient;
  readonly region: string;
  readonly before: Progress | undefined;
  readonly save: (progress: Progress) => Promise<unknown>;
  readonly signal: AbortSignal;
}

/** Items between two saves of the progress. */
const PAGE_SIZE = 1_000;

/**
 * Opens what a relabel reads: the table, an export of it, or an export that is started and waited for; another run waits
 * for the same.
 *
 * @returns the source, and the progress before it is read
 */
export const openSource = async (
  options: SourceOptions,
): Promise<{ readonly source: ItemSource; readonly before: Progress | undefined }> => {
  const { from, table, settings, segments, attributes, dynamodb, before } = options;
  const scanned = { table: settings.table, segments, attributes, pageSize: PAGE_SIZE };
  if (from === undefined) return { source: tableScan(dynamodb, scanned), before };
  const begun = from.isNew ? await withExport(options, from.place) : { place: from.place, before };
  const source = await exportSource(storeOf(from.place, options.region), {
    place: begun.place,
    ...{ table: table.arn, settings, pageSize: PAGE_SIZE },
  });
  return { source, before: begun.before };
};

const withExport = async (
  { run, table, dynamodb, before, save, signal }: SourceOptions,
  place: Place,
): Promise<{ readonly place: Place; readonly before: Progress }> => {
  const exportArn = before?.exportArn ?? (await startExport(dynamodb, table.arn, place));
  const begun: Progress = {
    ...{ run, positions: {}, counts: NOTHING, consumed: { read: 0, write: 0 }, seconds: 0 },
    ...before,
    exportArn,
  };
  await save(begun);
  try {
    return { place: await finishedExport(dynamodb, exportArn, signal), before: begun };
  } catch (error) {
    // Another run starts another one.
    if (error instanceof FailedExport) await save({ ...begun, exportArn: undefined });
    throw error;
  }
};

const storeOf = ({ bucket }: Place, region: string): ObjectStore => {
  if (isFolderBucket(bucket)) return folderObjects({ [bucket]: bucket });
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
  // An endpoint of one's own may have no names of its own for buckets.
  const forcePathStyle = Boolean(AWS_ENDPOINT_URL_S3) || Boolean(AWS_ENDPOINT_URL);
  return s3Objects(new S3Client({ region, maxAttempts: 8, forcePathStyle }));
};
