import { Tensor } from './onnxruntime.ts';
import type { Encoding } from '../tokenizer/tokenizer.ts';

/** An input that a graph declares, and the type it declares for it. */
export interface Input {
  readonly name: InputName;
  readonly type: InputType;
}

export type InputName = 'input_ids' | 'attention_mask' | 'token_type_ids' | 'position_ids';
export type InputType = 'int64' | 'int32';

export interface Padding {
  readonly padId: number;
  readonly side: 'left' | 'right';
  /** The position of the first token. */
  readonly firstPosition: number;
}

/** Writes the cells of one text, `stride` words apart from `start` on. */
type WriteRow = (
  words: Int32Array,
  start: number,
  stride: number,
  encoding: Encoding,
  padding: Padding,
) => void;

const writers: Readonly<Record<InputName, WriteRow>> = {
  input_ids: (words, start, stride, { ids }) => {
    for (let index = 0; index < ids.length; index += 1) words[start + index * stride] = ids[index] ?? 0;
  },
  attention_mask: (words, start, stride, { ids }) => {
    for (let index = 0; index < ids.length; index += 1) words[start + index * stride] = 1;
  },
  token_type_ids: (words, start, stride, { types }) => {
    if (types === undefined) return;
    for (let index = 0; index < types.length; index += 1) words[start + index * stride] = types[index] ?? 0;
  },
  position_ids: (words, start, stride, { ids }, { firstPosition }) => {
    for (let index = 0; index < ids.length; index += 1) words[start + index * stride] = firstPosition + index;
  },
};

/** Whether `tensors` has a tensor for a graph's input. */
export const isInputName = (name: string): name is InputName => Object.hasOwn(writers, name);

export const INPUT_NAMES = Object.keys(writers);

/**
 * A batch as a graph takes it: texts × the tokens of the longest, shorter texts padded.
 *
 * @param inputs the ones that the graph declares
 */
export const tensors = (
  encodings: readonly Encoding[],
  inputs: readonly Input[],
  padding: Padding,
): Record<string, Tensor> => {
  const width = encodings.reduce((longest, { ids }) => Math.max(longest, ids.length), 0);
  const dims = [encodings.length, width];
  return Object.fromEntries(
    inputs.map(({ name, type }) => {
      const data = new (type === 'int64' ? BigInt64Array : Int32Array)(encodings.length * width);
      // Ids are not negative: only the low words are written, which avoids a BigInt per token.
      const words = data instanceof Int32Array ? data : new Int32Array(data.buffer);
      const stride = words.length / data.length;
      if (name === 'input_ids' && padding.padId !== 0)
        for (let cell = 0; cell < words.length; cell += stride) words[cell] = padding.padId;
      for (const [row, encoding] of encodings.entries()) {
        const offset = padding.side === 'left' ? width - encoding.ids.length : 0;
        writers[name](words, (row * width + offset) * stride, stride, encoding, padding);
      }
      return [name, new Tensor(type, data, dims)];
    }),
  );
};
