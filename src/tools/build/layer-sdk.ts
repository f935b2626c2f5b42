import { randomUUID } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { openBuildFolder } from './build-folder.ts';
import { builtBefore } from './built-before.ts';
import type { LayerFile } from './layer-files.ts';

/** The client that functions load only when they need it: in their bundles it would slow down every cold start. */
const PACKAGE = '@aws-sdk/client-s3';

/**
 * The client of S3 as files of a layer: the package as one file.
 *
 * @param root the project's folder
 */
export const sdkFiles = async (root: string): Promise<readonly LayerFile[]> => {
  const from = dirname(createRequire(join(root, 'package.json')).resolve(`${PACKAGE}/package.json`));
  const folder = join(await openBuildFolder(root), 'client-s3');
  const file = join(folder, 'index.js');
  await mkdir(folder, { recursive: true });
  const options: BuildOptions = {
    ...{ bundle: true, platform: 'node', format: 'cjs', target: 'node24' },
    ...{ minify: true, keepNames: true, legalComments: 'none', mainFields: ['module', 'main'] },
  };
  const before = builtBefore(root, file, options);
  if (!(await before.isSame())) {
    await before.forget();
    const whole = `${file}.${process.pid}-${randomUUID()}`;
    const { metafile } = await build({
      ...options,
      absWorkingDir: root,
      stdin: { contents: `export * from '${PACKAGE}';`, resolveDir: from },
      outfile: whole,
      metafile: true,
      logLevel: 'silent',
    });
    // Another build may be reading it.
    await rename(whole, file);
    await before.remember(Object.keys(metafile.inputs).filter((input) => input !== '<stdin>'));
  }
  const to = `nodejs/node_modules/${PACKAGE}`;
  return [
    { from: file, to: `${to}/index.js` },
    { from: join(from, 'LICENSE'), to: `${to}/LICENSE` },
  ];
};
