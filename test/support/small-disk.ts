import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own, which can really be full. */
export interface SmallDisk {
  /** Any process of this user finds it there. */
  readonly folder: string;
  /** Takes space from it. */
  fill(megabytes: number): void;
  /** Gives that back. */
  makeSpace(): void;
  stop(): Promise<void>;
}

/** For root of a machine or of a container that may mount, and for anybody else who may have user namespaces. */
const WAYS = ['-m', '-rm'];

/**
 * Mounts a file system in the memory of this machine. It is in a namespace of a process, and ends with that: nothing is
 * left where the test is killed.
 *
 * @returns undefined where this user may not mount
 */
export const smallDisk = async (megabytes: number): Promise<SmallDisk | undefined> => {
  for (const way of WAYS) {
    const disk = await mounted(way, megabytes);
    if (disk !== undefined) return disk;
  }
  return undefined;
};

const mounted = async (way: string, megabytes: number): Promise<SmallDisk | undefined> => {
  if (process.platform !== 'linux') return undefined;
  const place = mkdtempSync(join(tmpdir(), 'small-disk-'));
  // It ends when its input does, and so with this process.
  const script = 'mount -t tmpfs -o size="$1"m tmpfs "$2" && echo mounted && exec cat >/dev/null';
  const child = spawn('unshare', [way, 'sh', '-c', script, 'sh', String(megabytes), place], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(child, 'close').catch(() => undefined);
  const isMounted = await Promise.race([
    once(child.stdout, 'data').then(() => true),
    ended.then(() => false),
  ]);
  if (!isMounted) {
    rmdirSync(place);
    return undefined;
  }
  const folder = join('/proc', String(child.pid), 'root', place);
  const filler = join(folder, 'filler');
  return {
    folder,
    fill: (taken) => writeFileSync(filler, Buffer.alloc(taken * 2 ** 20)),
    makeSpace: () => rmSync(filler),
    stop: async () => {
      child.stdin.end();
      await ended;
      rmdirSync(place);
    },
  };
};
