/**
 * Builds the image, and runs the suite `test/image/*.image.ts` with it: with buildah, podman or docker, the first that
 * works. The base is IMAGE_BASE, or a root of Debian's packages (mmdebstrap) with this project's Node.js. Arguments go
 * to jest.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findBuilder } from '../../src/tools/build/image-builder.ts';
import { runSuite } from '../support/run-suite.ts';
import { canMakeRoot, makeRoot, removeImages } from './base.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TAG = 'localhost/labelstream-test';

const notRun = (reason: string): void => {
  process.stderr.write(`\nThe suite of the image was NOT RUN: ${reason}\n\n`);
  process.exitCode = 1;
};

// buildah and podman need neither a runtime nor an overlay file system so; docker does not read them.
process.env.BUILDAH_ISOLATION ??= 'chroot';
process.env.STORAGE_DRIVER ??= 'vfs';

const builder = await findBuilder();
const given = process.env.IMAGE_BASE;
if (builder === undefined)
  notRun('it needs buildah, podman or docker (Debian: apt-get install buildah mmdebstrap).');
else if (given === undefined && !(await canMakeRoot()))
  notRun(
    'it needs mmdebstrap (Debian: apt-get install mmdebstrap), or IMAGE_BASE, an image with Node.js 24.',
  );
else {
  const base = given ?? (await makeRoot(builder));
  const { status } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'src', 'tools', 'commands', 'image.ts'),
      ...['--with', builder, '--base', base, '--tag', TAG, '--model', 'banking77-tfidf'],
      ...['--architecture', process.arch === 'arm64' ? 'arm64' : 'x86_64'],
      ...(given === undefined ? ['--node'] : []),
    ],
    { cwd: ROOT, stdio: 'inherit' },
  );
  process.exitCode =
    status === 0
      ? await runSuite('image', {
          env: { IMAGE_TEST_BUILDER: builder, IMAGE_TEST_TAG: TAG },
          args: ['--runInBand'],
        })
      : (status ?? 1);
  await removeImages(builder, given === undefined ? [TAG, base] : [TAG]);
}
