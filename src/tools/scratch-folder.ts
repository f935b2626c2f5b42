import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** A folder for what is half done. */
export interface ScratchFolder {
  readonly path: string;
  /** May be called again. */
  remove(): Promise<void>;
}

/** No build takes as long. */
const STALE_MS = 24 * 60 * 60 * 1000;

/** Machines and containers share folders, but not process ids. */
const HOST = hostname().replaceAll(/\W+/g, '-').slice(0, 32);
const NAME = /^\.scratch-(.*)-(\d+)-\w{6}$/;

/**
 * Makes a folder below `parent` that goes when this process ends, by itself or by a signal that it can hear. What
 * processes have left that were killed is removed before; what others work with at the same time stays.
 */
export const scratchFolder = async (parent: string): Promise<ScratchFolder> => {
  await mkdir(parent, { recursive: true });
  await removeLeftovers(parent);
  let path = '';
  // A signal may come as soon as it is there.
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

/** Files may still be on their way into it. */
const REMOVAL = { recursive: true, force: true, maxRetries: 5 };

const removeNow = (path: string): void => {
  try {
    if (path !== '') rmSync(path, REMOVAL);
  } catch {
    // The next build removes it.
  }
};

/** Works with a scratch folder, of which nothing is left afterwards. */
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
    // It is there, but somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Also if its process seems to live: ids are used again. */
const isOld = async (path: string): Promise<boolean> => {
  const { mtimeMs = Date.now() } = (await stat(path).catch(() => undefined)) ?? {};
  return Date.now() - mtimeMs > STALE_MS;
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Does something when the process ends. @returns takes it back */
const onEnd = (work: () => void): (() => void) => {
  const onSignal = (signal: NodeJS.Signals): void => {
    work();
    stop();
    // Without this listener it ends as it would have, also where a library counts the listeners to know.
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
