import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Several times what the tests have in temporary folders at a time: copies of the service, above all. */
const ROOM_BYTES = 4 * 2 ** 30;
/** Linux has this file system in memory; that of a container is often small. */
const MEMORY = '/dev/shm';
const NAME = 'labelstream-tests-';

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Removes the folders of tests that were interrupted: they take memory. */
const removeLeftovers = async (): Promise<void> => {
  for (const name of await readdir(MEMORY)) {
    const [pid] = name.startsWith(NAME) ? name.slice(NAME.length).split('-', 1) : [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    await rm(join(MEMORY, name), { recursive: true, force: true });
  }
};

/** In memory, where creating a file takes a thirtieth of the time, if that has room and no user has chosen a folder. */
const temporaryFolder = async (): Promise<string> => {
  if (process.env.TMPDIR !== undefined) return tmpdir();
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  if (Math.min(bavail * bsize, freemem()) < ROOM_BYTES) return tmpdir();
  await removeLeftovers();
  return MEMORY;
};

/**
 * Before all tests: a folder for what they write, and for what processes started by them compile, so that the next one
 * need not. The end of the tests removes it (`remove-caches.ts`). Jest hands the environment on to its workers, they to
 * their processes.
 */
export default async (): Promise<void> => {
  const folder = await mkdtemp(join(await temporaryFolder(), `${NAME}${process.pid}-`));
  process.env.TMPDIR = folder;
  // Each test file loads its modules anew, most of which live as long as it does: in a larger nursery they are moved less.
  process.execArgv.push('--max-semi-space-size=64');
  // Node's own: https://nodejs.org/api/module.html#module-compile-cache
  process.env.NODE_COMPILE_CACHE = join(folder, 'node');
  // The Serverless Framework's validator of `serverless.yml`, which takes a second to compile; else in the home folder.
  process.env.SLS_SCHEMA_CACHE_BASE_DIR = folder;
};
