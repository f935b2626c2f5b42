import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError, TransientError } from '../../../errors.ts';
import { MANIFEST_FILE } from '../../folder/folder-format.ts';

/** Folders of fetched models, `<folder>/<name>/<version>-<digest>`: complete ones only, as they appear by a rename. */
export interface ModelDisk {
  /** The folder of a version. @param digest of its `model.json` */
  folderOf(name: string, version: string, digest: string): string;
  /**
   * Has a folder filled where it is not there yet; calls for one folder share the work.
   *
   * @param bytes that it will have
   * @param write fills a folder of another name
   * @param isLoaded whether this process has the model of a folder in memory: it is not deleted to make room
   * @throws TransientError where the disk does not take it; ModelError where it is larger than all models may be; what
   *   `write` throws
   */
  fill(
    folder: string,
    bytes: number,
    write: (part: string) => Promise<void>,
    isLoaded: (folder: string) => boolean,
  ): Promise<void>;
}

export interface ModelDiskOptions {
  readonly folder: string;
  /** Bytes of all models together. */
  readonly maxBytes: number;
}

const PART = '.part-';

/** Opens the folder, and removes what fetches left there that were killed. @throws nothing: a fetch says what fails */
export const modelDisk = ({ folder: root, maxBytes }: ModelDiskOptions): ModelDisk => {
  const filling = new Map<string, Promise<void>>();
  const swept = sweep(root).catch(() => undefined);

  const makeRoom = async (
    bytes: number,
    wanted: string,
    isLoaded: (folder: string) => boolean,
  ): Promise<void> => {
    if (bytes > maxBytes) {
      throw new ModelError(
        `a model of ${bytes} bytes is larger than MODELS_DISK_MB allows; raise it, and the function's ephemeral storage`,
      );
    }
    const folders = await fetchedFolders(root);
    let total = folders.reduce((sum, one) => sum + one.bytes, bytes);
    for (const one of folders.toSorted((a, b) => a.usedMs - b.usedMs)) {
      if (total <= maxBytes) return;
      if (one.path === wanted || filling.has(one.path) || isLoaded(one.path)) continue;
      // First under another name, so that no other process finds half of it.
      const gone = join(root, `${PART}${process.pid}-${randomUUID()}`);
      await rename(one.path, gone);
      await rm(gone, { recursive: true, force: true });
      total -= one.bytes;
    }
  };

  const fillNow: ModelDisk['fill'] = async (folder, bytes, write, isLoaded) => {
    await swept;
    if (existsSync(join(folder, MANIFEST_FILE))) return touch(folder);
    const part = join(root, `${PART}${process.pid}-${randomUUID()}`);
    try {
      await makeRoom(bytes, folder, isLoaded);
      await mkdir(part, { recursive: true });
      await write(part);
      await mkdir(join(folder, '..'), { recursive: true });
      await rename(part, folder).catch((error: NodeJS.ErrnoException) => {
        // Another process was first, with the same bytes.
        if (!existsSync(join(folder, MANIFEST_FILE))) throw error;
      });
    } catch (cause) {
      throw diskFault(cause, root);
    } finally {
      await rm(part, { recursive: true, force: true });
    }
  };

  return {
    folderOf: (name, version, digest) => join(root, name, `${version}-${digest.slice(0, 16)}`),
    fill: (folder, ...how) => {
      const begun = filling.get(folder);
      if (begun !== undefined) return begun;
      const filled = fillNow(folder, ...how).finally(() => filling.delete(folder));
      filling.set(folder, filled);
      return filled;
    },
  };
};

const touch = (folder: string): Promise<void> => {
  const now = new Date();
  // It is the age by which folders are evicted; one that was just evicted is found missing by the loader.
  return utimes(folder, now, now).catch(() => undefined);
};

const NO_SPACE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Errors of the file system: they pass, or an operator has to act; the records wait in any case. */
const diskFault = (cause: unknown, root: string): unknown => {
  if (!(cause instanceof Error) || !('syscall' in cause)) return cause;
  const { code = '' } = cause as NodeJS.ErrnoException;
  const isFull = NO_SPACE.has(code);
  const advice = isFull
    ? "the disk is full: raise the function's ephemeral storage, or lower MODELS_DISK_MB"
    : code;
  return new TransientError(`a model cannot be stored in ${root}: ${advice}`, { cause, isLasting: isFull });
};

interface Fetched {
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
}

const fetchedFolders = async (root: string): Promise<readonly Fetched[]> => {
  const found: Fetched[] = [];
  for (const name of await subfolders(root)) {
    if (name.startsWith('.')) continue;
    for (const version of await subfolders(join(root, name))) {
      const path = join(root, name, version);
      const at = await stat(path).catch(() => undefined);
      if (at !== undefined) found.push({ path, bytes: await bytesOf(path), usedMs: at.mtimeMs });
    }
  }
  return found;
};

const bytesOf = async (folder: string): Promise<number> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((total, size) => total + size, 0);
};

const subfolders = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
};

/** Removes what processes left that have ended; a process that has just started has left nothing yet. */
const sweep = async (root: string): Promise<void> => {
  for (const name of await subfolders(root)) {
    const [, pid] = /^\.part-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && (Number(pid) === process.pid || !isRunning(Number(pid))))
      await rm(join(root, name), { recursive: true, force: true });
  }
};

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
