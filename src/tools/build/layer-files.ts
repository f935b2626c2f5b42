import { randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** A file to be placed in a layer: `from` is an absolute path, `to` a path relative to the layer's root. */
export interface LayerFile {
  readonly from: string;
  readonly to: string;
}

/** @returns every file below `folder`, as paths relative to it with `/`, sorted; none if there is no such folder. */
export const listFiles = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
};

/** @returns the bytes of all files below `folder`. */
export const folderBytes = async (folder: string): Promise<number> => {
  const sizes = await Promise.all((await listFiles(folder)).map((file) => stat(join(folder, file))));
  return sizes.reduce((bytes, { size }) => bytes + size, 0);
};

const sameContent = async (left: string, right: string): Promise<boolean> => {
  const [a, b] = await Promise.all([stat(left), stat(right).catch(() => undefined)]);
  if (a.size !== b?.size) return false;
  // A copy has its source's time; what is written anew has not, and is compared.
  if (a.mtimeMs === b.mtimeMs) return true;
  const [bytesA, bytesB] = await Promise.all([readFile(left), readFile(right)]);
  return bytesA.equals(bytesB);
};

/** Copies a file with its time. */
export const copyWithTimes = async (from: string, to: string): Promise<void> => {
  await copyFile(from, to);
  const { atimeMs, mtimeMs } = await stat(from);
  await utimes(to, atimeMs / 1000, mtimeMs / 1000);
};

/**
 * Makes `folder` hold exactly `files`, touching only what differs. Each file is put in place by a rename, so
 * that builds may run side by side and under processes that have the libraries loaded.
 * Every file gets mode 0644: the mode is part of the layer's hash and must not depend on a umask.
 *
 * @param scratch a folder on the same disk, for files on their way
 */
export const syncFolder = async (
  files: readonly LayerFile[],
  folder: string,
  scratch: string,
): Promise<void> => {
  const wanted = new Set(files.map(({ to }) => to));
  for (const stale of await listFiles(folder)) {
    if (!wanted.has(stale)) await rm(join(folder, stale), { force: true });
  }
  await Promise.all(
    files.map(async ({ from, to }) => {
      const target = join(folder, to);
      if (await sameContent(from, target)) return;
      const temporary = join(scratch, randomUUID());
      await mkdir(dirname(target), { recursive: true });
      await copyWithTimes(from, temporary);
      await chmod(temporary, 0o644);
      await rename(temporary, target);
    }),
  );
};
