import type { TokenizerModel } from './tokenizer-model.ts';
import type { Normalizer } from './tokenizer-normalizers.ts';
import { asUnicode16, endWithoutSpaces, startWithoutSpaces, WORD } from './tokenizer-unicode.ts';

/** A token that tokenizer.json adds to the model's: texts are split at added tokens before all other steps. */
export interface AddedToken {
  readonly content: string;
  /** Matches only where no word character is next to it. */
  readonly single_word: boolean;
  /** Spaces on this side are part of the match. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Whether its normalized form is matched in the normalized text. */
  readonly normalized: boolean;
}

/** An added token with its id, or text between them. All sections in order make up the text. */
export interface Section {
  readonly text: string;
  readonly id?: number;
}

export interface AddedTokens {
  readonly ids: ReadonlyMap<string, number>;
  /** Splits a text at the tokens that are matched before normalization. */
  cutText(text: string): readonly Section[];
  /** Splits the rest, normalized, at the tokens that are matched in normalized text. */
  cutNormalized(text: string): readonly Section[];
}

/**
 * The tokens that are added to a vocabulary, with the ids that the Rust tokenizers give them: those of the model where
 * it has them, else the next free ones. The ids in the file are ignored.
 *
 * @see https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/tokenizer/added_vocabulary.rs
 */
export const addedTokens = (
  tokens: readonly AddedToken[],
  model: TokenizerModel,
  normalize: Normalizer,
): AddedTokens => {
  // Of tokens with equal content, the last one counts.
  const byContent = new Map(tokens.map((token) => [token.content, token]));
  byContent.delete('');
  const ids = new Map<string, number>();
  let next = model.size;
  for (const content of byContent.keys()) ids.set(content, model.idOf(content) ?? next++);
  const sought = Array.from(byContent.values(), (token) => ({
    pattern: token.normalized ? normalize(token.content) : token.content,
    token,
    id: ids.get(token.content) ?? 0,
  }));
  return {
    ids,
    cutText: cutterAtTokens(sought.filter(({ token }) => !token.normalized)),
    cutNormalized: cutterAtTokens(sought.filter(({ token }) => token.normalized)),
  };
};

interface Sought {
  readonly pattern: string;
  readonly token: AddedToken;
  readonly id: number;
}

const cutterAtTokens = (all: readonly Sought[]): ((text: string) => readonly Section[]) => {
  // Of those that begin at the same position, the longest counts.
  const sought = all
    .filter(({ pattern }) => pattern !== '')
    .sort((a, b) => b.pattern.length - a.pattern.length);
  if (sought.length === 0) return (text) => [{ text }];
  const isWithinWord = sought.some(({ token }) => token.single_word) ? wordFinder() : () => false;
  const byPattern = new Map(sought.map((each) => [each.pattern, each]));
  const anyOfThem = new RegExp(sought.map(({ pattern }) => escaped(pattern)).join('|'), 'g');
  return (text) => {
    const sections: Section[] = [];
    let end = 0;
    for (const { index, 0: pattern } of text.matchAll(anyOfThem)) {
      const found = byPattern.get(pattern);
      const stop = index + pattern.length;
      if (found === undefined || (found.token.single_word && isWithinWord(text, index, stop))) continue;
      const start = found.token.lstrip ? Math.max(endWithoutSpaces(text.slice(0, index)), end) : index;
      if (end < start) sections.push({ text: text.slice(end, start) });
      end = found.token.rstrip ? stop + startWithoutSpaces(text.slice(stop)) : stop;
      sections.push({ text: text.slice(start, end), id: found.id });
    }
    if (end < text.length) sections.push({ text: text.slice(end) });
    return sections;
  };
};

const escaped = (pattern: string): string => pattern.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);

/** Whether a word character is right before or after a position. Compiled on first use, as that takes milliseconds. */
const wordFinder = (): ((text: string, start: number, end: number) => boolean) => {
  const endsWithWord = new RegExp(`[${WORD}]$`, 'u');
  const startsWithWord = new RegExp(`^[${WORD}]`, 'u');
  return (text, start, end) =>
    endsWithWord.test(asUnicode16(text.slice(Math.max(0, start - 2), start))) ||
    startsWithWord.test(asUnicode16(text.slice(end, end + 2)));
};
