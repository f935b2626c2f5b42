import { statSync } from 'node:fs';
import { join } from 'node:path';

/** Sessions were measured to take 1.1 to 1.3 times the files of their graphs: weights, some of them reordered. */
const PER_GRAPH_BYTE = 1.5;
/** A tokenizer's vocabulary becomes maps of strings. */
const PER_TOKENIZER_BYTE = 10;
const BESIDES = 2 ** 20;

/**
 * What a model takes in memory, in bytes: an estimate by the sizes of the files that it loads, rather too high than too
 * low. A file that is missing has none.
 *
 * @param graphs with the files of their weights; all paths are relative to the folder
 */
export const memoryOf = (
  folder: string,
  graphs: readonly string[],
  tokenizers: readonly string[] = [],
): number =>
  PER_GRAPH_BYTE * sizeOf(folder, graphs) + PER_TOKENIZER_BYTE * sizeOf(folder, tokenizers) + BESIDES;

const sizeOf = (folder: string, files: readonly string[]): number =>
  files.reduce(
    (total, file) => total + (statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
