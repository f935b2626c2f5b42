import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from '../../errors.ts';

export const MANIFEST_FILE = 'model.json';
export const CONFIG_FILE = 'config.json';
export const TOKENIZER_FILE = 'tokenizer.json';
export const TOKENIZER_CONFIG_FILE = 'tokenizer_config.json';

/** Where Optimum puts graphs. */
const GRAPH_FOLDERS = ['', 'onnx'];

export const hasManifest = (folder: string): boolean => existsSync(join(folder, MANIFEST_FILE));

/** Whether a folder is a model, or meant to be: it has a manifest, settings as Optimum exports them or a graph. */
export const isModelFolder = (folder: string): boolean =>
  hasManifest(folder) || isExport(folder) || graphFiles(folder).length > 0;

/** @throws ModelError where a folder has no manifest, and half of what Optimum exports is missing */
export const requireWhole = (folder: string): void => {
  if (hasManifest(folder)) return;
  const [graph] = graphFiles(folder);
  if (graph === undefined)
    throw new ModelError(`${folder} holds no ONNX graph (model.onnx, onnx/model.onnx)`);
  if (isExport(folder)) return;
  throw new ModelError(
    `${folder} has ${graph}, but no ${MANIFEST_FILE} that describes it, nor a ${CONFIG_FILE} with a ${TOKENIZER_FILE}`,
  );
};

/** The ONNX graphs of an exported folder, as paths relative to it, in the order of their names, its root first. */
export const graphFiles = (folder: string): readonly string[] =>
  GRAPH_FOLDERS.flatMap((below) => {
    const directory = join(folder, below);
    if (!existsSync(directory)) return [];
    const files = readdirSync(directory).filter((file) => file.endsWith('.onnx') && !file.startsWith('.'));
    return files.sort().map((file) => (below === '' ? file : `${below}/${file}`));
  });

/** Whether a folder has settings as Optimum exports them. */
export const isExport = (folder: string): boolean =>
  existsSync(join(folder, CONFIG_FILE)) || existsSync(join(folder, TOKENIZER_FILE));
