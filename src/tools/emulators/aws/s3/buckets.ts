import { randomBytes } from 'node:crypto';
import { byBytes } from './by-bytes.ts';
import { noSuchBucket } from './errors.ts';
import { nextSequencer } from './sequencer.ts';
import type { Segment, Storage } from './storage.ts';

/** What is stored under a key: an object, or the mark that it was deleted, where the bucket keeps versions. */
export interface StoredVersion {
  readonly isDeleted: boolean;
  /** `null` where the bucket kept no versions when it was written. */
  readonly versionId: string;
  readonly etag: string;
  readonly segments: readonly Segment[];
  readonly size: number;
  /** Those that are given back as they came: content type, `x-amz-meta-…`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum: readonly [header: string, value: string] | undefined;
  readonly modified: Date;
  readonly sequencer: string;
}

export interface Part {
  readonly number: number;
  readonly etag: string;
  readonly segments: readonly Segment[];
  readonly size: number;
  readonly modified: Date;
}

export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly initiated: Date;
  readonly parts: Map<number, Part>;
}

export type NewVersion = Pick<StoredVersion, 'etag' | 'segments' | 'size' | 'headers' | 'checksum'>;

export interface Bucket {
  readonly name: string;
  readonly region: string;
  versioning: 'Enabled' | 'Suspended' | undefined;
  readonly uploads: Map<string, Upload>;
  /** The newest version of a key that is no mark of a deletion; or the one of that id. */
  find(key: string, versionId?: string): StoredVersion | undefined;
  /** The newest version, whatever it is. */
  newest(key: string): StoredVersion | undefined;
  /** Stores an object, which holds its segments from now on. */
  add(key: string, version: NewVersion): Promise<StoredVersion>;
  /** Deletes a version for good, or puts the mark of a deletion on top of a bucket's versions. */
  remove(key: string, versionId?: string): Promise<StoredVersion | undefined>;
  /** The keys of objects, in the order of lists. */
  keys(): readonly string[];
  isEmpty(): boolean;
}

export const createBucket = (name: string, region: string, storage: Storage): Bucket => {
  const versions = new Map<string, readonly StoredVersion[]>();
  let sorted: readonly string[] | undefined;
  const of = (key: string): readonly StoredVersion[] => versions.get(key) ?? [];

  const set = (key: string, list: readonly StoredVersion[]): void => {
    const wasThere = of(key)[0]?.isDeleted === false;
    if (list.length === 0) versions.delete(key);
    else versions.set(key, list);
    if (wasThere !== (list[0]?.isDeleted === false)) sorted = undefined;
  };

  const discard = async (key: string, doomed: readonly StoredVersion[]): Promise<void> => {
    set(
      key,
      of(key).filter((version) => !doomed.includes(version)),
    );
    for (const { segments } of doomed) await storage.release(segments);
  };

  /** Puts a version on top; without versioning it takes the place of the one that has no id. */
  const push = async (key: string, version: NewVersion & { readonly isDeleted: boolean }) => {
    const versionId = bucket.versioning === 'Enabled' ? randomBytes(16).toString('base64url') : 'null';
    const stored = { ...version, versionId, modified: new Date(), sequencer: nextSequencer() };
    const old = of(key).filter((other) => other.versionId === versionId);
    set(key, [stored, ...of(key).filter((other) => !old.includes(other))]);
    for (const { segments } of old) await storage.release(segments);
    return stored;
  };

  const bucket: Bucket = {
    name,
    region,
    versioning: undefined,
    uploads: new Map(),
    find: (key, versionId) => {
      if (versionId !== undefined) return of(key).find((version) => version.versionId === versionId);
      const [newest] = of(key);
      return newest?.isDeleted === false ? newest : undefined;
    },
    newest: (key) => of(key)[0],
    add: (key, version) => push(key, { ...version, isDeleted: false }),
    remove: async (key, versionId) => {
      if (versionId !== undefined || bucket.versioning === undefined) {
        const doomed = of(key).filter((version) => version.versionId === (versionId ?? 'null'));
        await discard(key, doomed);
        return undefined;
      }
      const mark = { etag: '', segments: [], size: 0, headers: {}, checksum: undefined, isDeleted: true };
      return push(key, mark);
    },
    keys: () =>
      (sorted ??= [...versions.keys()].filter((key) => of(key)[0]?.isDeleted === false).toSorted(byBytes)),
    isEmpty: () => versions.size === 0,
  };
  return bucket;
};

export type Buckets = Map<string, Bucket>;

/** @throws S3Error (`NoSuchBucket`) */
export const bucketOf = (buckets: Buckets, name: string): Bucket => {
  const bucket = buckets.get(name);
  if (bucket === undefined) throw noSuchBucket(name);
  return bucket;
};
