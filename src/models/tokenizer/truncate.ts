/**
 * How many tokens to keep of a text, or of each of a pair, so that they fit: the longer of a pair is cut first
 * (`longest_first`), as Hugging Face's tokenizers do it.
 *
 * @param lengths tokens of the text and, where it is a pair, of the other
 * @param room tokens that fit, special ones not counted
 * @see https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/utils/truncation.rs
 */
export const keptLengths = (
  [first, second]: readonly [number, number],
  room: number,
): readonly [number, number] => {
  if (first + second <= room) return [first, second];
  const shorter = Math.min(first, second);
  const rest = shorter > room ? shorter : Math.max(shorter, room - shorter);
  const half = Math.floor(room / 2);
  const [small, large] = shorter + rest > room ? [half, room - half] : [shorter, rest];
  return first > second ? [large, small] : [small, large];
};
