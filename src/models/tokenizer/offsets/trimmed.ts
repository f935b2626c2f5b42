import type { PostProcessorConfig } from '../special-tokens.ts';

/** A token's part of a text: indices in UTF-16 code units of its first character, and after its last one. */
export type Span = readonly [start: number, end: number];

/** Takes the spaces of a token out of its span. @param index the token's */
export type Trim = (source: string, index: number, token: string, span: Span) => Span;

/**
 * How a post-processor takes spaces out of spans: `trim_offsets`. Where it says that a space was added, the first
 * token keeps it, if it has no other.
 *
 * @see https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/pre_tokenizers/byte_level.rs `process_offsets`
 */
export const trimOf = (config: PostProcessorConfig | null | undefined): Trim => {
  if (config?.type === 'Sequence') {
    const all = config.processors.map(trimOf);
    return (source, index, token, span) =>
      all.reduce((trimmed, trim) => trim(source, index, token, trimmed), span);
  }
  if (config?.type !== 'ByteLevel' && config?.type !== 'RobertaProcessing') return untrimmed;
  const { trim_offsets: trims = true, add_prefix_space: addsSpace = true } = config;
  return trims ? trimmer(addsSpace) : untrimmed;
};

const untrimmed: Trim = (_source, _index, _token, span) => span;

const trimmer =
  (addsSpace: boolean): Trim =>
  (source, index, token, [start, end]) => {
    const leading = spacesAt(token, 0, 1);
    const trailing = spacesAt(token, token.length - 1, -1);
    const isAdded = addsSpace && (index === 0 || start === 0);
    // More than one space was not added.
    const from = Math.min(moved(source, start, isAdded && leading === 1 ? 0 : leading), end);
    const to = Math.max(moved(source, end, -trailing), from);
    return [from, to];
  };

const space = /[\u0120\p{White_Space}]/u;

/** How many spaces a token has from a place on, in a direction; U+0120 is a space's byte. */
const spacesAt = (token: string, place: number, step: 1 | -1): number => {
  let count = 0;
  while (count < token.length && space.test(token.charAt(place + count * step))) count += 1;
  return count;
};

/** An index, moved by code points. Beyond the start it stays where it is, as in the Rust tokenizers. */
const moved = (source: string, place: number, count: number): number => {
  let to = place;
  for (let left = count; left > 0; left -= 1) to += (source.codePointAt(to) ?? 0) > 0xffff ? 2 : 1;
  for (let left = count; left < 0; left += 1) {
    if (to <= 0) return place;
    to -= to > 1 && (source.codePointAt(to - 2) ?? 0) > 0xffff ? 2 : 1;
  }
  return to;
};
