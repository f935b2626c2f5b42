import { join, sep } from 'node:path';
import { ObjectError, type ObjectName } from '../../../pipeline/objects/object-store.ts';

/** The folders that are buckets, by the names of these. */
export type Folders = Readonly<Record<string, string>>;

/** The folder for what is not complete yet, in each bucket's folder; no key begins with it. */
export const UNFINISHED = '.unfinished-objects';

/** @throws ObjectError where no folder is a bucket of this name */
export const folderOf = (folders: Folders, bucket: string): string => {
  const folder = Object.hasOwn(folders, bucket) ? folders[bucket] : undefined;
  if (folder !== undefined) return folder;
  throw new ObjectError('no-such-bucket', `No folder is known by the name ${bucket}`);
};

/**
 * The file of an object.
 *
 * @throws ObjectError (`invalid-key`) for a key that names no file in the folder: `..`, absolute, with empty names
 */
export const pathOf = (folders: Folders, { bucket, key }: ObjectName): string => {
  const folder = folderOf(folders, bucket);
  const names = key.split('/');
  const isWrong =
    names.some((name) => name === '' || name === '.' || name === '..') ||
    names[0] === UNFINISHED ||
    key.includes('\0') ||
    (sep !== '/' && /[\\:]/.test(key));
  if (!isWrong) return join(folder, ...names);
  throw new ObjectError(
    'invalid-key',
    `${JSON.stringify(key)} cannot be a file in ${folder}: each name between slashes has to be one of a file or folder, and not . or ..`,
  );
};
