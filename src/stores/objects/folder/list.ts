import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ObjectError, type ObjectHead } from '../../../pipeline/objects/object-store.ts';
import { errnoOf, reading } from './errors.ts';
import { UNFINISHED } from './paths.ts';
import { headOf } from './version.ts';

interface Entry {
  /** The name, with a slash at the end where it is a folder: as it is in keys. */
  readonly name: string;
  readonly isFolder: boolean;
}

const entryOf = (entry: Dirent): Entry => ({
  name: entry.isDirectory() ? `${entry.name}/` : entry.name,
  isFolder: entry.isDirectory(),
});

/** By their bytes, as S3 sorts keys. */
const byBytes = (one: Entry, other: Entry): number =>
  Buffer.compare(Buffer.from(one.name), Buffer.from(other.name));

/** The files below a folder in the order of their keys. Links to files are files; links to folders are left out. */
export async function* listFolder(
  bucket: string,
  folder: string,
  prefix: string,
  below = '',
): AsyncGenerator<ObjectHead> {
  const entries = await reading(join(folder, below), async () => {
    try {
      return await readdir(join(folder, below), { withFileTypes: true });
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      if (below === '') await checkFolder(folder);
      return [];
    }
  });
  for (const { name, isFolder } of entries.map(entryOf).toSorted(byBytes)) {
    const key = below + name;
    if (key === `${UNFINISHED}/` || !(key.startsWith(prefix) || (isFolder && prefix.startsWith(key))))
      continue;
    if (isFolder) yield* listFolder(bucket, folder, prefix, key);
    else {
      const head = await headIn(bucket, folder, key);
      if (head !== undefined) yield head;
    }
  }
}

const headIn = (bucket: string, folder: string, key: string): Promise<ObjectHead | undefined> => {
  const path = join(folder, key);
  return reading(path, async () => {
    const stats = await stat(path, { bigint: true }).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
      if (!key.includes('\ufffd')) return undefined;
      throw new ObjectError('invalid-key', `The name of ${path} is not in UTF-8: rename it`);
    });
    return stats?.isFile() ? headOf({ bucket, key }, stats) : undefined;
  });
};

/** @throws ObjectError (`no-such-bucket`) where the folder does not exist */
export const checkFolder = async (folder: string): Promise<void> => {
  const stats = await stat(folder).catch(() => undefined);
  if (stats?.isDirectory()) return;
  throw new ObjectError('no-such-bucket', `There is no folder ${folder}: create it, or correct its name`);
};
