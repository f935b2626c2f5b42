import type { ModelConfig } from '../tokenizer-models.ts';
import type { TokenizerModel } from '../tokenizer-model.ts';

/** A word's pieces; each ends where the next begins. */
export interface Pieces {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
  /** Where each ends in the word, in UTF-16 code units. */
  readonly ends: readonly number[];
}

/** @returns undefined where the pieces do not spell the word */
export type PieceFinder = (word: string) => Pieces | undefined;

/** The number of words whose pieces are remembered, and their maximum length. */
const REMEMBERED = 10_000;
const REMEMBERED_LENGTH = 256;

/** Finds the pieces of a word: they are the word if put together, or one that stands for all of an unknown word. */
export const pieceFinder = (model: TokenizerModel, config: ModelConfig & { vocab: object }): PieceFinder => {
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(config.vocab)) tokens[Number(id)] = token;
  const prefix = config.type === 'WordPiece' ? config.continuing_subword_prefix : '';
  const unknown = config.type === 'Unigram' ? undefined : config.unk_token;
  const known = new Map<string, Pieces>();

  const find: PieceFinder = (word) => {
    const ids = model.idsOf([word]);
    const named = ids.map((id) => tokens[id] ?? '');
    if (named.length === 1 && named[0] === unknown) return { ids, tokens: named, ends: [word.length] };
    let end = 0;
    const ends: number[] = [];
    for (const token of named) {
      const piece = end > 0 && token.startsWith(prefix) ? token.slice(prefix.length) : token;
      if (piece === '' || !word.startsWith(piece, end)) return undefined;
      end += piece.length;
      ends.push(end);
    }
    return end === word.length ? { ids, tokens: named, ends } : undefined;
  };
  return (word) => {
    const before = known.get(word);
    if (before !== undefined) return before;
    const found = find(word);
    if (known.size >= REMEMBERED) known.clear();
    if (found !== undefined && word.length <= REMEMBERED_LENGTH) known.set(word, found);
    return found;
  };
};
