import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelFolder } from '../sources/directory.ts';
import { TOKENIZER_FILE } from '../folder/folder-format.ts';
import { chooseGraph } from '../folder/graph-choice.ts';

/** Sessions were measured to take 1.1 to 1.3 times the files of their graphs: weights, some of them reordered. */
const PER_GRAPH_BYTE = 1.5;

/** A tokenizer's vocabulary becomes maps of strings. */
const PER_TOKENIZER_BYTE = 10;

/** So does a vectorizer's, with a number for each. */
const PER_VECTORIZER_BYTE = 8;

/** A run's tensors of counts and what the graph makes of them: some 4 MB each. */
const COUNTS = 24 * 2 ** 20;

const BESIDES = 2 ** 20;

/**
 * What a model takes in memory, in bytes: an estimate by the sizes of the files that it loads, rather too high than
 * too low. A cascade takes nothing that its stages do not take.
 *
 * @throws ModelError where the folder has no graph
 */
export const estimatedBytes = ({ folder, manifest }: ModelFolder): number => {
  const sizeOf = (files: readonly string[]): number =>
    files.reduce(
      (total, file) => total + (statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  switch (manifest.format) {
    case 'cascade':
      return 0;
    case 'sklearn':
      return sklearnBytes(
        sizeOf(manifest.steps.map(({ file }) => file)),
        sizeOf((manifest.vectorizers ?? []).map(({ file }) => file)),
      );
    case 'transformer': {
      const graph = chooseGraph(folder, manifest, process.arch);
      const weights = sizeOf([graph, ...externalData(folder)]);
      return PER_GRAPH_BYTE * weights + PER_TOKENIZER_BYTE * sizeOf([TOKENIZER_FILE]) + BESIDES;
    }
  }
};

/** @param vectorizers in bytes, as `graphs` */
const sklearnBytes = (graphs: number, vectorizers: number): number =>
  PER_GRAPH_BYTE * graphs + PER_VECTORIZER_BYTE * vectorizers + (vectorizers > 0 ? COUNTS : 0) + BESIDES;

/** Weights beside a graph that is too large to hold them. */
const externalData = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.onnx[._]data$/.test(file));
