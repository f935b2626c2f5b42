import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from '../../errors.ts';
import { CONFIG_FILE, TOKENIZER_CONFIG_FILE, TOKENIZER_FILE } from './folder-format.ts';
import { chooseGraph } from './graph-choice.ts';
import { readGraph } from './graph-file.ts';
import type { ManifestSettings } from './transformer-settings.ts';
import { namedFile } from './named-file.ts';

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
 * Finds the files that a transformer needs on a CPU. The graph is read once, for its digest and its content.
 *
 * @param cpu as `process.arch` names it
 * @throws ModelError where one is missing or outside the folder, or the graph is not the one of the manifest
 */
export const transformerFiles = (
  folder: string,
  manifest: ManifestSettings,
  cpu: string,
): TransformerFiles => {
  if (!existsSync(join(folder, TOKENIZER_FILE))) {
    throw new ModelError(
      `${folder} has no ${TOKENIZER_FILE}; save one with a fast tokenizer: AutoTokenizer.from_pretrained(…, use_fast=True).save_pretrained("${folder}")`,
    );
  }
  const settings = [CONFIG_FILE, TOKENIZER_CONFIG_FILE].filter((file) => existsSync(join(folder, file)));
  const others = [TOKENIZER_FILE, ...settings].map((file) => namedFile(folder, file, { by: folder }));
  const graph = chooseGraph(folder, manifest, cpu);
  const { operators, weights } = readGraph(folder, graph, manifest.files[graph]);
  return { graph, operators, weights, others };
};
