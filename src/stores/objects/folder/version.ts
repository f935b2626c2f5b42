import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import {
  ObjectError,
  type ObjectHead,
  type ObjectName,
  type ObjectVersion,
} from '../../../pipeline/objects/object-store.ts';

/** What a file is identified by: a change of it changes its size or the time of its last change. */
const etagOf = ({ size, mtimeNs }: BigIntStats): string => `${mtimeNs.toString(16)}-${size.toString(16)}`;

export const headOf = ({ bucket, key }: ObjectName, stats: BigIntStats): ObjectHead => ({
  ...{ bucket, key },
  etag: etagOf(stats),
  size: Number(stats.size),
});

/** @throws ObjectError (`replaced`) where the open file is not the version asked for @returns its size */
export const checkVersion = async (
  file: FileHandle,
  { etag }: ObjectVersion,
  path: string,
): Promise<number> => {
  const stats = await file.stat({ bigint: true });
  if (etagOf(stats) === etag) return Number(stats.size);
  throw new ObjectError('replaced', `${path} has changed since it was looked at`);
};
