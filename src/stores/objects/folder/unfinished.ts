import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from './errors.ts';
import { inFolder, removeEmpty } from './in-folder.ts';
import { UNFINISHED } from './paths.ts';

/** Longer than anybody writes. */
const STALE_MS = 7 * 24 * 60 * 60 * 1000;

/** Machines and containers may share folders, but not process ids. */
const HOST = hostname().replaceAll(/\W+/g, '-').slice(0, 32);
const NAME = /^(.*)\.(\d+)\.\w+$/;

/** Places for what is not complete yet, in a folder beside the objects: on the same file system. */
export interface Unfinished {
  /** Makes a file or folder at a path that nobody else uses. */
  make<Made>(make: (path: string) => Promise<Made>): Promise<{ readonly path: string; readonly made: Made }>;
  /** Deletes what was made there. */
  remove(path: string): Promise<void>;
}

/** The first time, what processes that were killed have left is deleted. */
export const unfinishedIn = (folder: string): Unfinished => {
  const parent = join(folder, UNFINISHED);
  let swept: Promise<void> | undefined;
  return {
    make: async (make) => {
      await (swept ??= sweep(parent));
      const path = join(parent, `${HOST}.${process.pid}.${randomBytes(8).toString('hex')}`);
      return { path, made: await inFolder(parent, () => make(path)) };
    },
    remove: async (path) => {
      await rm(path, { recursive: true, force: true });
      await removeEmpty(parent, folder);
    },
  };
};

const sweep = async (parent: string): Promise<void> => {
  const names = await readdir(parent).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const [, host, pid] = NAME.exec(name) ?? [];
    if (pid === undefined) continue;
    const path = join(parent, name);
    const isLeft = (host === HOST && !isAlive(Number(pid))) || (await isOld(path));
    if (isLeft) await rm(path, { recursive: true, force: true });
  }
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // The process exists, but belongs to another user.
    return errnoOf(error) === 'EPERM';
  }
};

const isOld = async (path: string): Promise<boolean> => {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > STALE_MS;
};
