import { statSync } from 'node:fs';
import { join } from 'node:path';

/** Measured: sessions take 1.1 to 1.3 times the files of their graphs: weights, some of them reordered. */
const PER_GRAPH_BYTE = 1.5;
/** A tokenizer's vocabulary becomes maps of strings. */
const PER_TOKENIZER_BYTE = 10;
/** So does a vectorizer's, with a number for each string. */
const PER_VECTORIZER_BYTE = 8;
/** A run's tensors of counts and the tensors that the graph computes: some 4 MB each. */
const COUNTS = 24 * 2 ** 20;
const BESIDES = 2 ** 20;

/** The files that a model loads; their paths are relative to its folder. */
export interface LoadedFiles {
  /** With the files of their weights. */
  readonly graphs: readonly string[];
  readonly tokenizers?: readonly string[];
  readonly vectorizers?: readonly string[];
}

/**
 * The memory of a model, in bytes: an estimate by the sizes of the files that it loads, rather too high than too low. A
 * missing file counts as 0.
 */
export const memoryOf = (
  folder: string,
  { graphs, tokenizers = [], vectorizers = [] }: LoadedFiles,
): number =>
  PER_GRAPH_BYTE * sizeOf(folder, graphs) +
  PER_TOKENIZER_BYTE * sizeOf(folder, tokenizers) +
  PER_VECTORIZER_BYTE * sizeOf(folder, vectorizers) +
  (vectorizers.length > 0 ? COUNTS : 0) +
  BESIDES;

const sizeOf = (folder: string, files: readonly string[]): number =>
  files.reduce(
    (total, file) => total + (statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
