import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import { ConfigError } from '../../errors.ts';

/** A bucket and a key, or what keys begin with. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
}

/**
 * `s3://bucket/prefix` → its parts; undefined where it is none.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export const parseS3Url = (url: string): Place | undefined => {
  const [, bucket, key = ''] = /^s3:\/\/([a-z\d][a-z\d.-]{1,61}[a-z\d])(?:\/([^]*))?$/.exec(url) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
};

/**
 * Where objects are: `s3://bucket/prefix`, or a folder or file of this machine.
 *
 * @throws ConfigError where it is neither
 */
export const parsePlace = async (written: string): Promise<Place> => {
  if (written.includes('://')) {
    const place = parseS3Url(written);
    if (place !== undefined) return place;
    throw new ConfigError(`${written}: should be s3://bucket/prefix, or a path`);
  }
  const path = resolve(written);
  const stats = await stat(path).catch((cause: unknown) => {
    throw new ConfigError(`${written}: there is no such file or folder, or it may not be read`, { cause });
  });
  return stats.isDirectory() ? { bucket: path, key: '' } : { bucket: dirname(path), key: basename(path) };
};

/** Whether a bucket is a folder of this machine: buckets of S3 have no slash. */
export const isFolderBucket = (bucket: string): boolean => isAbsolute(bucket);

/** Creates the folder that is a bucket, if it is one. @throws ConfigError with the reason where it cannot be created */
export const createFolder = async (bucket: string): Promise<void> => {
  if (!isFolderBucket(bucket)) return;
  await mkdir(bucket, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    throw new ConfigError(`${bucket}: the folder cannot be created (${cause.code})`, { cause });
  });
};
