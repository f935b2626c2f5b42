import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const MANIFEST_FILE = 'model.json';
export const CONFIG_FILE = 'config.json';
export const TOKENIZER_FILE = 'tokenizer.json';
export const TOKENIZER_CONFIG_FILE = 'tokenizer_config.json';

/** Where Optimum puts graphs. */
const GRAPH_FOLDERS = ['', 'onnx'];

export const hasManifest = (folder: string): boolean => existsSync(join(folder, MANIFEST_FILE));

/** Whether a folder is a model: it has a manifest, or it is one that Optimum has exported. */
export const isModelFolder = (folder: string): boolean =>
  hasManifest(folder) || (isExport(folder) && graphFiles(folder).length > 0);

/** The format that a manifest says, or else what it or the folder looks like; undefined where nothing tells. */
export const formatOf = (folder: string, manifest: unknown): unknown => {
  if (typeof manifest !== 'object' || manifest === null) return undefined;
  if ('format' in manifest) return manifest.format;
  if ('steps' in manifest) return 'sklearn';
  if ('stages' in manifest) return 'cascade';
  return isExport(folder) ? 'transformer' : undefined;
};

/** The ONNX graphs of an exported folder, as paths relative to it, in the order of their names, its root first. */
export const graphFiles = (folder: string): readonly string[] =>
  GRAPH_FOLDERS.flatMap((below) => {
    const directory = join(folder, below);
    if (!existsSync(directory)) return [];
    const files = readdirSync(directory).filter((file) => file.endsWith('.onnx') && !file.startsWith('.'));
    return files.sort().map((file) => (below === '' ? file : `${below}/${file}`));
  });

const isExport = (folder: string): boolean =>
  existsSync(join(folder, CONFIG_FILE)) || existsSync(join(folder, TOKENIZER_FILE));
