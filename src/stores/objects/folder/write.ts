import { link, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { WriteResult } from '../../../pipeline/objects/object-store.ts';
import { errnoOf, writing } from './errors.ts';
import { inFolder } from './in-folder.ts';
import type { Unfinished } from './unfinished.ts';

/** The answers of file systems without hard links. */
const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'];

/**
 * Writes a file as a whole: beside its place, and then into it at once. So a process that is killed leaves the old file
 * or the new one, and no half of it.
 */
export const writeWhole = (
  path: string,
  unfinished: Unfinished,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ifAbsent: boolean,
): Promise<WriteResult> =>
  writing(path, async () => {
    if ((await isThere(path)) && ifAbsent) return 'exists';
    const { path: place, made: file } = await unfinished.make((free) => open(free, 'wx'));
    try {
      try {
        for await (const chunk of chunks) await file.writeFile(chunk);
        // The file system's clock ticks every few milliseconds: two versions of one size would be the same.
        const now = (performance.timeOrigin + performance.now()) / 1_000;
        await file.utimes(now, now);
        // What is moved into its place has to be on the disk: the machine may fail, too.
        await file.datasync();
      } finally {
        await file.close();
      }
      return await inFolder(dirname(path), () => moveInto(path, place, ifAbsent));
    } finally {
      await unfinished.remove(place);
    }
  });

const moveInto = async (path: string, place: string, ifAbsent: boolean): Promise<WriteResult> => {
  if (ifAbsent) {
    try {
      await link(place, path);
      return 'written';
    } catch (error) {
      const errno = errnoOf(error) ?? '';
      if (errno === 'EEXIST') return 'exists';
      if (!NO_LINKS.includes(errno)) throw error;
      // Without links the look and the move are two steps: two processes may both believe that they were first.
      if (await isThere(path)) return 'exists';
    }
  }
  await rename(place, path);
  return 'written';
};

/** @throws EISDIR for a folder: then the name holds no object, and cannot */
const isThere = async (path: string): Promise<boolean> => {
  try {
    if (!(await stat(path)).isDirectory()) return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
  throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
};
