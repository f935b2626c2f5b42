import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** A folder for unfinished files. */
export interface ScratchFolder {
  readonly path: string;
  /** May be called again. */
  remove(): Promise<void>;
}

/** Longer than any build takes. */
const STALE_MS = 24 * 60 * 60 * 1000;

/** Machines and containers may share folders, but not process ids. */
const HOST = hostname().replaceAll(/\W+/g, '-').slice(0, 32);
const NAME = /^\.scratch-(.*)-(\d+)-\w{6}$/;

/**
 * Makes a folder below `parent` that is deleted when this process ends, by itself or by a signal that it can handle.
 * Folders of killed processes are deleted first; those of running processes stay.
 */
export const scratchFolder = async (parent: string): Promise<ScratchFolder> => {
  await mkdir(parent, { recursive: true });
  await removeLeftovers(parent);
  let path = '';
  // A signal may come as soon as the folder exists.
  const stopWatching = onEnd(() => removeNow(path));
  path = mkdtempSync(join(parent, `.scratch-${HOST}-${process.pid}-`));
  return {
    path,
    remove: async () => {
      await rm(path, REMOVAL);
      stopWatching();
    },
  };
};

/** Files may still be written into it. */
const REMOVAL = { recursive: true, force: true, maxRetries: 5 };

const removeNow = (path: string): void => {
  try {
    if (path !== '') rmSync(path, REMOVAL);
  } catch {
    // The next build deletes it.
  }
};

/** Runs work with a scratch folder, which is deleted afterwards. */
export const withScratch = async <Result>(
  parent: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> => {
  const { path, remove } = await scratchFolder(parent);
  return work(path).finally(remove);
};

const removeLeftovers = async (parent: string): Promise<void> => {
  for (const name of await readdir(parent)) {
    const [, host, pid] = NAME.exec(name) ?? [];
    if (pid === undefined) continue;
    const path = join(parent, name);
    const isLeft = host === HOST ? !isAlive(Number(pid)) || (await isOld(path)) : await isOld(path);
    if (isLeft) await rm(path, REMOVAL);
  }
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // The process exists, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Also if its process seems to run: ids are reused. */
const isOld = async (path: string): Promise<boolean> => {
  const { mtimeMs = Date.now() } = (await stat(path).catch(() => undefined)) ?? {};
  return Date.now() - mtimeMs > STALE_MS;
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a function when the process ends. @returns a function that cancels it */
const onEnd = (work: () => void): (() => void) => {
  const onSignal = (signal: NodeJS.Signals): void => {
    work();
    stop();
    // Once this listener is removed, the process ends as usual, also if a library counts the listeners.
    process.kill(process.pid, signal);
  };
  const stop = (): void => {
    process.off('exit', work);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  process.on('exit', work);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return stop;
};
