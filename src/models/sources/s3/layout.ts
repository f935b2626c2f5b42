import * as z from 'zod';
import { ConfigError } from '../../../errors.ts';
import type { ObjectName } from '../../../pipeline/objects/object-store.ts';
import { MANIFEST_FILE } from '../../folder/folder-format.ts';

/** Where models are in S3. */
export interface ModelsLocation {
  readonly bucket: string;
  /** Empty, or with a `/` at its end. */
  readonly prefix: string;
}

/** The version of a model that is in use, and those that were before: `<prefix><name>/current.json`. */
export interface Pointer extends PointedVersion {
  /** The latest first. */
  readonly before: readonly PointedVersion[];
}

export interface PointedVersion {
  readonly version: string;
  /** The sha256 of its `model.json`. */
  readonly digest: string;
}

const SCHEME = 's3://';
export const POINTER_FILE = 'current.json';

/** How many versions a pointer remembers, and so how many steps a rollback can go back. */
export const KEPT_VERSIONS = 10;

/** Whether models are in S3: `s3://bucket/prefix`. */
export const isInS3 = (modelsDir: string): boolean => modelsDir.startsWith(SCHEME);

/** `s3://bucket/prefix` → bucket and prefix. @throws ConfigError where it has no bucket */
export const modelsLocation = (url: string): ModelsLocation => {
  const [, bucket, path = ''] = /^s3:\/\/([a-z\d][a-z\d.-]{1,61}[a-z\d])(?:\/(.*))?$/.exec(url) ?? [];
  const prefix = path.replace(/\/+$/, '');
  if (bucket !== undefined && !prefix.startsWith('/')) {
    return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
  }
  throw new ConfigError(`${url} is no place of models: it should be s3://BUCKET/PREFIX`);
};

/** The place as it is written in settings. */
export const urlOf = ({ bucket, prefix }: ModelsLocation): string => `${SCHEME}${bucket}/${prefix}`;

export const pointerOf = ({ bucket, prefix }: ModelsLocation, name: string): ObjectName => ({
  bucket,
  key: `${prefix}${name}/${POINTER_FILE}`,
});

/** A file of a version. */
export const fileOf = (
  { bucket, prefix }: ModelsLocation,
  { name, version }: { readonly name: string; readonly version: string },
  file: string = MANIFEST_FILE,
): ObjectName => ({ bucket, key: `${prefix}${name}/${version}/${file}` });

const word = z.string().regex(/^[\w.-]+$/);
const pointed = z.strictObject({ version: word, digest: z.string().regex(/^[\da-f]{64}$/) });
export const pointerSchema = z.strictObject({
  ...pointed.shape,
  before: z.array(pointed).max(KEPT_VERSIONS).default([]),
});

/** `name` or `name@version`; undefined where it cannot be a model's. Names are parts of keys: `..` is none. */
export const parseName = (
  written: string,
): { readonly name: string; readonly version?: string } | undefined => {
  const [, name, version] = /^([\w.-]{1,128})(?:@([\w.-]{1,128}))?$/.exec(written) ?? [];
  if (name === undefined || isDots(name) || (version !== undefined && isDots(version))) return undefined;
  return { name, ...(version !== undefined && { version }) };
};

const isDots = (part: string): boolean => part === '.' || part === '..';
