/**
 * Builds the Lambda layers: npm run layers -- [--arch arm64|x64|host] [--out FOLDER]
 * `serverless package` and `serverless deploy` do this themselves.
 */
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { megabytes } from '../src/tools/build/layer-size.ts';
import { type Architecture, buildLayers } from '../src/tools/build/layers.ts';

try {
  const { values } = parseArgs({
    options: { arch: { type: 'string', default: 'arm64' }, out: { type: 'string' } },
  });
  const root = join(import.meta.dirname, '..');
  const { sizes, ...folders } = await buildLayers({
    architecture: values.arch as Architecture,
    root,
    ...(values.out === undefined ? {} : { out: values.out }),
  });
  const show = (name: string, folder: string, bytes?: number): void =>
    console.log(
      `${name.padEnd(8)}${(bytes === undefined ? '' : megabytes(bytes)).padStart(9)}  ${relative('', folder)}`,
    );
  show('runtime', folders.runtime, sizes.runtime);
  show('models', folders.models, sizes.models);
  show('opt', folders.opt);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
