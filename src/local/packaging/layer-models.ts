import { hash } from 'node:crypto';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { checkedFile } from '../../models/checked-file.ts';
import type { ModelFolder } from '../../models/directory-source.ts';
import { MANIFEST_FILE } from '../../models/manifest.ts';
import { joinModels } from './onnx-join.ts';

/** Files of a model's folder that people read and the function does not. */
const NOT_DEPLOYED = new Set(['README.md', 'examples.json']);

const JOINED_FILE = 'joined.onnx';

/**
 * Checks the files of a model and puts what the function needs of them into a folder. The graphs of a chain are joined
 * into one where they can be: a call of ONNX Runtime and a copy between two graphs cost more than the small ones do.
 *
 * @throws ModelError naming the file and the expectation
 */
export const prepareModel = async ({ folder, manifest }: ModelFolder, to: string): Promise<void> => {
  const graphs = manifest.steps.map(({ file, sha256 }) => checkedFile(join(folder, file), sha256));
  await mkdir(to, { recursive: true });
  await cp(folder, to, {
    recursive: true,
    filter: (source) => !NOT_DEPLOYED.has(basename(source)) && !basename(source).startsWith('.'),
  });
  const joined = graphs.length > 1 ? joinModels(graphs) : undefined;
  if (joined === undefined) return;
  for (const { file } of manifest.steps) await rm(join(to, file));
  await writeFile(join(to, JOINED_FILE), joined);
  const steps = [{ file: JOINED_FILE, sha256: hash('sha256', joined, 'hex') }];
  await writeFile(join(to, MANIFEST_FILE), `${JSON.stringify({ ...manifest, steps }, null, 2)}\n`);
};
