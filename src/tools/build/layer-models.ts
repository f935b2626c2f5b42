import { hash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MANIFEST_FILE } from '../../models/folder/folder-format.ts';
import type { CommonManifest, ModelFolder } from '../../models/folder/model-folder.ts';
import { manifestOf } from '../../models/formats/format.ts';
import { formatOf } from '../../models/formats/formats.ts';
import { copyWithTimes } from './layer-files.ts';
import { joinModels } from './onnx-join.ts';

const JOINED_FILE = 'joined.onnx';

/**
 * Checks the files of a model and copies those that the function needs into a folder, with a complete manifest. Files
 * for people (README.md, examples.json) or for other CPUs are not copied.
 *
 * No file outside the model's folder is read, whatever paths and links its files have; a link inside becomes a file.
 *
 * @param cpu as `process.arch` names it: the one whose graph is taken
 * @throws ModelError naming the file and the expectation
 */
export const prepareModel = async (
  model: ModelFolder,
  to: string,
  cpu: string = process.arch,
): Promise<void> => {
  const { folder } = model;
  const format = formatOf(model);
  // First all named files are checked to be inside the folder; only then is anything written.
  const named = manifestOf(model, format);
  await mkdir(to, { recursive: true });
  const { files, manifest, chain } = format.filesToShip({ folder, manifest: named }, cpu);
  // A call of ONNX Runtime and a copy between two graphs take longer than small graphs do.
  const joined = chain !== undefined && chain.graphs.length > 1 ? joinModels(chain.graphs) : undefined;
  const replaced = joined === undefined ? [] : (chain?.files ?? []);
  for (const file of files) if (!replaced.includes(file)) await copy(folder, file, to);
  if (chain === undefined || joined === undefined) return writeManifest(to, manifest);
  await writeFile(join(to, JOINED_FILE), joined);
  await writeManifest(to, chain.joined(JOINED_FILE, hash('sha256', joined, 'hex')));
};

const copy = async (folder: string, file: string, to: string): Promise<void> => {
  await mkdir(dirname(join(to, file)), { recursive: true });
  await rm(join(to, file), { force: true });
  // By its time `syncFolder` sees that the layer has it already.
  await copyWithTimes(join(folder, file), join(to, file));
};

const writeManifest = (to: string, manifest: CommonManifest): Promise<void> =>
  writeFile(join(to, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
