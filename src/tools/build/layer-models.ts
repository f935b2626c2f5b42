import { hash } from 'node:crypto';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkedFile } from '../../models/folder/checked-file.ts';
import { manifestOf, type ModelFolder } from '../../models/sources/directory.ts';
import { MANIFEST_FILE } from '../../models/folder/folder-format.ts';
import { readGraph } from '../../models/folder/graph-file.ts';
import type { Manifest, SklearnManifest, TransformerManifest } from '../../models/folder/manifest.ts';
import { transformerFiles } from '../../models/folder/transformer-files.ts';
import { transformerSettings } from '../../models/folder/transformer-settings.ts';
import { joinModels } from './onnx-join.ts';

const JOINED_FILE = 'joined.onnx';

/**
 * Checks the files of a model and puts those into a folder that the function needs, with a manifest that leaves nothing
 * open: what is there for people (README.md, examples.json) or for other CPUs stays behind.
 *
 * Nothing outside the model's folder is read, whatever paths and links its files hold; a link inside it becomes a file.
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
  // Every file that it names is inside the folder, or nothing is touched.
  const manifest: Manifest = manifestOf(model, model.manifest.format);
  await mkdir(to, { recursive: true });
  switch (manifest.format) {
    case 'sklearn':
      return prepareSklearn(folder, manifest, to);
    case 'transformer':
      return prepareTransformer(folder, manifest, to, cpu);
    case 'cascade':
      return writeManifest(to, manifest);
  }
};

/**
 * The graphs of a chain are joined into one where they can be: a call of ONNX Runtime and a copy between two graphs
 * cost more than the small ones do.
 */
const prepareSklearn = async (folder: string, manifest: SklearnManifest, to: string): Promise<void> => {
  const graphs = manifest.steps.map(({ file, sha256 }) => ({ file, ...readGraph(folder, file, sha256) }));
  const weights = graphs.flatMap((graph) => graph.weights);
  for (const { file, sha256 } of manifest.vectorizers ?? []) {
    checkedFile(join(folder, file), sha256);
    await copy(folder, file, to);
  }
  // Weights are found from the folder of their graph, which the joined one may not share.
  const canBeJoined = graphs.length > 1 && weights.length === 0;
  const joined = canBeJoined ? joinModels(graphs.map(({ content }) => content)) : undefined;
  if (joined === undefined) {
    const files = new Set([...graphs.map(({ file }) => file), ...weights]);
    for (const file of files) await copy(folder, file, to);
    return writeManifest(to, manifest);
  }
  await writeFile(join(to, JOINED_FILE), joined);
  await writeManifest(to, {
    ...manifest,
    steps: [{ file: JOINED_FILE, sha256: hash('sha256', joined, 'hex') }],
  });
};

const prepareTransformer = async (
  folder: string,
  manifest: TransformerManifest,
  to: string,
  cpu: string,
): Promise<void> => {
  const { graph, weights, others } = transformerFiles(folder, manifest, cpu);
  const { labels, activation, threshold, maxLength } = transformerSettings(folder, manifest);
  const digests = new Map<string, string>();
  for (const file of [graph, ...weights, ...others]) {
    digests.set(file, hash('sha256', checkedFile(join(folder, file), manifest.files[file]), 'hex'));
    await copy(folder, file, to);
  }
  const said = { labels: [...labels], activation, ...(threshold !== undefined && { threshold }), maxLength };
  await writeManifest(to, { ...manifest, ...said, graph, files: Object.fromEntries(digests) });
};

const copy = async (folder: string, file: string, to: string): Promise<void> => {
  await mkdir(dirname(join(to, file)), { recursive: true });
  await rm(join(to, file), { force: true });
  await copyFile(join(folder, file), join(to, file));
};

const writeManifest = (to: string, manifest: Manifest): Promise<void> =>
  writeFile(join(to, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
