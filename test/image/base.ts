import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BuilderName } from '../../src/tools/build/image-builder.ts';

const run = async (name: string, ...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(name, args, { maxBuffer: 16 * 2 ** 20 })).stdout.trim();

/** The name of the image that is the root. */
const ROOT = 'localhost/labelstream-test-root';

/** What Node.js and ONNX Runtime need, and certificates. */
const PACKAGES = 'libc6,libstdc++6,libgcc-s1,ca-certificates';

/** Whether a root can be made here of Debian's packages. */
export const canMakeRoot = (): Promise<boolean> =>
  run('mmdebstrap', '--version').then(
    () => true,
    () => false,
  );

/**
 * Makes a base image of Debian's packages, without a registry: libraries and nothing else, not even a shell.
 *
 * @returns its name
 */
export const makeRoot = async (builder: BuilderName): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'labelstream-root-'));
  try {
    const archive = join(folder, 'root.tar');
    await run('mmdebstrap', '--quiet', '--variant=extract', `--include=${PACKAGES}`, 'bookworm', archive);
    if (builder !== 'buildah') {
      await run(builder, 'import', archive, ROOT);
      return ROOT;
    }
    const container = await run('buildah', 'from', 'scratch');
    await run('buildah', 'add', '--quiet', container, archive, '/');
    await run('buildah', 'commit', '--quiet', container, ROOT);
    await run('buildah', 'rm', container);
    return ROOT;
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** Removes images; one that is not there is no error. */
export const removeImages = async (builder: BuilderName, tags: readonly string[]): Promise<void> => {
  for (const tag of tags) await run(builder, 'rmi', '--force', tag).catch(() => undefined);
};
