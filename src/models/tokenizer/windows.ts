/** A part of a text: its first token, and how many it has. */
export interface Window {
  readonly first: number;
  readonly count: number;
}

/**
 * Divides a text that is longer than a model takes into windows that overlap, as the Rust tokenizers truncate with a
 * stride. A text that fits is one window, as is one without any token.
 *
 * @param tokens of the text
 * @param room the most tokens of a window, at least 1
 * @param stride tokens that two windows in a row share, less than `room`
 * @see https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/tokenizer/encoding.rs `truncate`
 */
export const windowsOf = (tokens: number, room: number, stride: number): readonly Window[] => {
  const step = room - stride;
  const count = tokens <= room ? 1 : Math.ceil((tokens - room) / step) + 1;
  return Array.from({ length: count }, (_, index) => {
    const first = index * step;
    return { first, count: Math.min(room, tokens - first) };
  });
};
