import { type PatternConfig, patternOf, type TokenizerLibrary } from './tokenizer-library.ts';
import { asUnicode16 } from './tokenizer-unicode.ts';

/** A part of a text: a match, or the text between matches. All parts in order make up the text. */
export interface Part {
  readonly text: string;
  readonly isMatch: boolean;
}

/** Cuts a text at every match. */
export type Cutter = (text: string) => readonly Part[];

/** How the matches at which a text is split are kept, by the names in tokenizer.json. */
export type Behavior = 'Removed' | 'Isolated' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous';

/**
 * Cuts at a pattern of tokenizer.json. It sees Unicode 16, as Oniguruma does.
 *
 * @throws Error where the pattern cannot be written in JavaScript
 */
export const cutterOf = (config: PatternConfig, library: TokenizerLibrary): Cutter =>
  cutterAt16(patternOf(config, library));

/** Cuts at a pattern with the flag `g`, which sees Unicode 16. */
export const cutterAt16 =
  (pattern: RegExp): Cutter =>
  (text) =>
    partsOf(text, asUnicode16(text).matchAll(pattern));

/** Cuts at a pattern with the flag `g`. */
export const cutterAt =
  (pattern: RegExp): Cutter =>
  (text) =>
    partsOf(text, text.matchAll(pattern));

/** @param matches the positions of the matches, which may be from another text of the same length */
const partsOf = (text: string, matches: Iterable<RegExpExecArray>): readonly Part[] => {
  const parts: Part[] = [];
  let end = 0;
  for (const { index, 0: match } of matches) {
    // Oniguruma has no empty match right after another match.
    if (match === '' && index === end && parts.length > 0) continue;
    if (end < index) parts.push({ text: text.slice(end, index), isMatch: false });
    end = index + match.length;
    parts.push({ text: text.slice(index, end), isMatch: true });
  }
  if (end < text.length) parts.push({ text: text.slice(end), isMatch: false });
  return parts;
};

/**
 * The pieces of a text that is split at its matches.
 *
 * @see https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/tokenizer/normalizer.rs `split`
 */
export const split = (parts: readonly Part[], behavior: Behavior): readonly string[] => {
  switch (behavior) {
    case 'Removed':
      return parts.filter(({ isMatch }) => !isMatch).map(({ text }) => text);
    case 'Isolated':
      return parts.map(({ text }) => text);
    case 'Contiguous':
      return joined(parts, (part, previous) => part.isMatch === previous.isMatch);
    case 'MergedWithPrevious':
      return joined(parts, (part, previous) => part.isMatch && !previous.isMatch);
    case 'MergedWithNext':
      return joined(parts, (part, previous) => !part.isMatch && previous.isMatch);
  }
};

/** The texts of parts, each joined with the following parts that belong to it. */
const joined = (
  parts: readonly Part[],
  belongs: (part: Part, previous: Part) => boolean,
): readonly string[] => {
  const pieces: string[] = [];
  for (const [index, part] of parts.entries()) {
    const previous = parts[index - 1];
    const last = pieces.at(-1);
    if (previous === undefined || last === undefined || !belongs(part, previous)) pieces.push(part.text);
    else pieces[pieces.length - 1] = last + part.text;
  }
  return pieces;
};
