import { mkdir, readlink, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from './is-running.ts';

const POLL_MS = 50;
/** Containers may share a folder, but not the numbers of their processes: nobody waits for ever for a wrong one. */
const LONGEST_MS = 120_000;

/**
 * Waits until no other process of this machine fills a folder, so that they do not all fetch the same. A link that
 * names the process is made at once, content and all. Where the process has ended, or it takes too long, another one
 * goes on: two may then fill it, which does no harm.
 *
 * @returns what lets the next one go on
 */
export const lockOf = async (root: string, folder: string): Promise<() => Promise<void>> => {
  const lock = join(root, `.lock-${basename(dirname(folder))}-${basename(folder)}`);
  const unlock = (): Promise<void> => rm(lock, { force: true });
  const until = performance.now() + LONGEST_MS;
  for (;;) {
    try {
      await mkdir(root, { recursive: true });
      await symlink(String(process.pid), lock);
      return unlock;
    } catch (error) {
      // Whatever else is wrong with the disk, who writes the files says.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return () => Promise.resolve();
    }
    const owner = Number(await readlink(lock).catch(() => ''));
    const isOthers = owner > 0 && owner !== process.pid && isRunning(owner);
    if (isOthers && performance.now() < until) await sleep(POLL_MS);
    else await unlock();
  }
};
