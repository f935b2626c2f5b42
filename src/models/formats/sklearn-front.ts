import { join } from 'node:path';
import type { BatchLimits } from '../inference/batches.ts';
import { Tensor } from '../inference/onnxruntime.ts';
import type { Chain } from '../inference/sklearn-chain.ts';
import { type Counts, countAll, openVectorizer } from '../vectorizer/vectorizer.ts';
import { foldWhiteSpace } from '../vectorizer/white-space.ts';

/** The preprocessing of texts before the first graph. */
export interface Front<Item> {
  readonly limits: BatchLimits;
  /** Done once with each text, before batches are planned. */
  prepare(text: string): Item;
  /** The share of a text in a batch's limit. */
  lengthOf(item: Item): number;
  /** The input of the first graph. It may have more rows than there are items. */
  tensor(items: readonly Item[], chain: Chain): Tensor;
}

/** Small batches of texts of similar length need little padding and stay in the CPU's cache: the fastest measured. */
const STRING_LIMITS: BatchLimits = { maxTokens: 4_096, maxItems: 64 };

/**
 * Texts as they are, for graphs that take strings.
 *
 * @param limits a character tokenizer pads every text of a batch to the longest, so batches are planned by characters
 */
export const stringFront = (
  whitespace: 'keep' | 'fold',
  limits: Partial<BatchLimits> = {},
): Front<string> => ({
  limits: { ...STRING_LIMITS, ...limits },
  prepare: (text) => withoutNul(whitespace === 'fold' ? foldWhiteSpace(text) : text),
  lengthOf: (text) => text.length,
  tensor: (texts, { takesColumn }) =>
    new Tensor('string', [...texts], takesColumn ? [texts.length, 1] : [texts.length]),
});

/** The binding ends a string at U+0000, so it is replaced by the replacement character. */
const withoutNul = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text);

/** Numbers of a tensor: 4 MB of them, and a graph makes several tensors of that size. */
const COUNT_LIMITS: BatchLimits = { maxTokens: 2 ** 20, maxItems: 64 };

/**
 * Counts of n-grams, for graphs that take numbers: a column for each n-gram of each vectorizer.
 *
 * @throws ModelError where a vectorizer's file is missing or corrupt
 */
export const countFront = (
  folder: string,
  vectorizers: readonly { readonly file: string; readonly sha256: string }[],
  limits: Partial<BatchLimits> = {},
): Front<Counts> => {
  const opened = vectorizers.map(({ file, sha256 }) => openVectorizer(join(folder, file), sha256));
  const width = opened.reduce((total, vectorizer) => total + vectorizer.width, 0);
  return {
    limits: { ...COUNT_LIMITS, ...limits },
    prepare: (text) => countAll(opened, text),
    lengthOf: () => width,
    tensor: (items) => {
      // One more row: for a single row ONNX Runtime adds the terms in another order, and scores must not vary by batch.
      const rows = items.length + 1;
      const data = new Float32Array(rows * width);
      for (const [row, { columns, counts }] of items.entries())
        for (let index = 0; index < columns.length; index += 1)
          data[row * width + (columns[index] ?? 0)] = counts[index] ?? 0;
      return new Tensor('float32', data, [rows, width]);
    },
  };
};
