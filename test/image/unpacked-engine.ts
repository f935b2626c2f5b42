import { execFile, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Engine } from './engine.ts';

const buildah = async (...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)('buildah', args, { maxBuffer: 16 * 2 ** 20 })).stdout.trim();

interface Inspected {
  readonly Manifest: string;
  readonly OCIv1: {
    readonly config: {
      readonly User: string;
      readonly Env: readonly string[];
      readonly Entrypoint: readonly string[];
      readonly Cmd: readonly string[];
    };
  };
}

/**
 * Runs an image that buildah has unpacked, as root of this machine: `buildah run` has neither read-only roots nor
 * signals, and a runtime of containers may not be had. A root of its own, read-only but for `/tmp`, and the image's user.
 */
const RUN = `
  root=$1; user=$2; shift 2
  mount --bind "$root" "$root"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  mount -t proc proc "$root/proc"
  mount --bind /dev "$root/dev"
  while [ "$1" != -- ]; do mkdir "$root$1"; mount --bind "$2" "$root$1"; shift 2; done
  shift
  mount -o remount,ro,bind "$root"
  exec /usr/sbin/chroot --userspec="$user" "$root" "$@"
`;

/** @param tag of an image that buildah has */
export const unpackedEngine = async (tag: string): Promise<Engine> => {
  const inspected: Inspected = JSON.parse(await buildah('inspect', '--type', 'image', tag));
  const { User: user, Env, Entrypoint: entrypoint, Cmd: command } = inspected.OCIv1.config;
  const container = await buildah('from', tag);
  const root = await buildah('mount', container);
  // Whoever runs containers makes these.
  for (const folder of ['proc', 'dev']) await mkdir(join(root, folder), { recursive: true });
  const { mediaType } = JSON.parse(inspected.Manifest) as { readonly mediaType: string };
  return {
    describe: async () => ({ user, entrypoint, command, mediaType }),
    start: ({ args, entrypoint: other, env = {}, folders = {} }) =>
      spawn(
        'unshare',
        [
          ...['--mount', '--', '/bin/sh', '-ec', RUN, 'sh', root, user],
          ...Object.entries(folders).flat(),
          ...['--', ...(other === undefined ? entrypoint : [other]), ...args],
        ],
        {
          env: { ...Object.fromEntries(Env.map((pair) => pair.split(/=(.*)/s).slice(0, 2))), ...env },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      ),
    close: async () => {
      await buildah('rm', container);
    },
  };
};
