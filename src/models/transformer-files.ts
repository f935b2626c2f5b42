import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ModelError } from '../errors.ts';
import { checkedFile } from './checked-file.ts';
import { CONFIG_FILE, TOKENIZER_CONFIG_FILE, TOKENIZER_FILE } from './folder-format.ts';
import { chooseGraph } from './graph-choice.ts';
import type { TransformerManifest } from './manifest.ts';
import { readOnnxFile } from './onnx-file.ts';

/** What a transformer needs at run time; paths are relative to its folder. */
export interface TransformerFiles {
  readonly graph: string;
  /** The graph's operators. */
  readonly operators: ReadonlySet<string>;
  /** Files that hold weights of the graph. */
  readonly weights: readonly string[];
  /** The tokenizer and the settings. */
  readonly others: readonly string[];
}

/**
 * Finds the files that a transformer needs on a CPU. The graph is read once, for its digest and for what it says.
 *
 * @param cpu as `process.arch` names it
 * @throws ModelError where one is missing, or the graph is not the one of the manifest
 */
export const transformerFiles = (
  folder: string,
  manifest: TransformerManifest,
  cpu: string,
): TransformerFiles => {
  if (!existsSync(join(folder, TOKENIZER_FILE))) {
    throw new ModelError(
      `${folder} has no ${TOKENIZER_FILE}; save one with a fast tokenizer: AutoTokenizer.from_pretrained(…, use_fast=True).save_pretrained("${folder}")`,
    );
  }
  const graph = chooseGraph(folder, manifest, cpu);
  const { operators, dataFiles } = readOnnxFile(checkedFile(join(folder, graph), manifest.files[graph]));
  const weights = dataFiles.map((file) => posix.join(posix.dirname(graph), file));
  const missing = weights.find((file) => !existsSync(join(folder, file)));
  if (missing !== undefined) {
    throw new ModelError(`${join(folder, graph)} has weights in ${missing}, which is not there; add it`);
  }
  const settings = [CONFIG_FILE, TOKENIZER_CONFIG_FILE].filter((file) => existsSync(join(folder, file)));
  return { graph, operators, weights, others: [TOKENIZER_FILE, ...settings] };
};
