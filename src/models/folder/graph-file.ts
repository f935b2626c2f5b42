import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ModelError } from '../../errors.ts';
import { checkedFile } from './checked-file.ts';
import { MANIFEST_FILE } from './folder-format.ts';
import { namedFile } from './named-file.ts';
import { readOnnxFile } from './onnx-file.ts';

/** A graph of a model: the content of its file, and the files of its external weights. */
export interface GraphFile {
  readonly content: Buffer;
  readonly operators: ReadonlySet<string>;
  /** Files that hold weights of the graph, relative to the model's folder. */
  readonly weights: readonly string[];
}

/**
 * Reads a graph, once, for its digest and its content.
 *
 * @param graph its path relative to the folder
 * @param sha256 of the file, hexadecimal; not checked where the manifest has none
 * @throws ModelError where it is not the file of the manifest or no ONNX file, and where its weights are missing or
 *   outside the folder
 */
export const readGraph = (folder: string, graph: string, sha256?: string): GraphFile => {
  const file = join(folder, namedFile(folder, graph, { by: join(folder, MANIFEST_FILE) }));
  const content = checkedFile(file, sha256);
  const { operators, dataFiles } = readOnnxFile(file, content);
  const below = posix.dirname(graph);
  const weights = [...dataFiles].map((location) => namedFile(folder, location, { by: file, below }));
  const missing = weights.find((weight) => !existsSync(join(folder, weight)));
  if (missing !== undefined)
    throw new ModelError(`${file} has weights in ${missing}, which was not found; add the file`);
  return { content, operators, weights: [...new Set(weights)] };
};
