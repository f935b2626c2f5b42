import type { Buckets, StoredVersion } from '../buckets.ts';
import type { CreatedObject } from '../events.ts';
import type { S3Request, S3Response } from '../request.ts';
import type { Storage } from '../storage.ts';

/** What operations work on. */
export interface S3World {
  readonly buckets: Buckets;
  readonly storage: Storage;
  /** Of a page of a list. */
  readonly mostKeys: number;
  readonly onCreated: (created: CreatedObject) => void;
}

export type Operation = (world: S3World, request: S3Request) => Promise<S3Response>;

/** Tells of an object that has been created. */
export const announce = (
  { buckets, onCreated }: S3World,
  { bucket, key, id }: S3Request,
  { etag, size, versionId, sequencer, modified }: StoredVersion,
  reason: CreatedObject['reason'],
): void => {
  const { region = '', versioning } = buckets.get(bucket) ?? {};
  onCreated({
    ...{ bucket, key, etag, size, sequencer, reason, region, requestId: id },
    ...(versioning !== undefined && { versionId }),
    time: modified.toISOString(),
  });
};

/** The header with the id of a version, where the bucket keeps versions. */
export const versionHeader = (
  { buckets }: S3World,
  { bucket }: S3Request,
  { versionId }: StoredVersion,
): Readonly<Record<string, string>> =>
  buckets.get(bucket)?.versioning === undefined ? {} : { 'x-amz-version-id': versionId };
