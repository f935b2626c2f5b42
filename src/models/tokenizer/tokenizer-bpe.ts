import { byteTokens } from './tokenizer-bytes.ts';
import { type Merge, merger } from './tokenizer-merges.ts';
import type { TokenizerModel } from './tokenizer-model.ts';

/** A BPE model in tokenizer.json. */
export interface BpeConfig {
  readonly vocab: Readonly<Record<string, number>>;
  readonly merges: readonly Merge[];
  readonly unk_token?: string | null;
  /** Whether adjacent unknown characters are one token. */
  readonly fuse_unk?: boolean | null;
  /** Unknown characters become a token for each byte, `<0x0A>`, where the vocabulary has them. */
  readonly byte_fallback?: boolean | null;
  /** Whether a word in the vocabulary is one token, without merges. */
  readonly ignore_merges?: boolean | null;
  readonly continuing_subword_prefix?: string | null;
  readonly end_of_word_suffix?: string | null;
}

/** The number of words in the cache of tokens, and their maximum length. */
const REMEMBERED = 10_000;
const REMEMBERED_LENGTH = 256;

/**
 * A byte-pair encoding: pairs of a word's characters are merged in the order of the merges, equal pairs from left to
 * right. Without `unk_token`, unknown characters are left out. `dropout` is for training.
 *
 * @throws Error where the vocabulary lacks a token of a merge
 * @see https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/models/bpe/model.rs
 */
export const bytePairEncoding = (config: BpeConfig): TokenizerModel => {
  const ids = idsOfVocabulary(config.vocab);
  const symbolsOf = symbolizer(config, ids);
  const merge = merger(config.merges, ids, config.continuing_subword_prefix?.length ?? 0);
  const known = new Map<string, readonly number[]>();

  const idsOf = (word: string): readonly number[] => {
    const whole = config.ignore_merges ? ids.get(word) : undefined;
    return whole === undefined ? merge(symbolsOf(word)) : [whole];
  };
  const remembered = (word: string): readonly number[] => {
    const before = known.get(word);
    if (before !== undefined) return before;
    const found = idsOf(word);
    if (known.size >= REMEMBERED) known.clear();
    if (word.length <= REMEMBERED_LENGTH) known.set(word, found);
    return found;
  };
  return { size: ids.size, idOf: (token) => ids.get(token), idsOf: (words) => words.flatMap(remembered) };
};

/** Takes half the time of `Object.entries`: vocabularies have tens of thousands of pieces. */
const idsOfVocabulary = (vocab: BpeConfig['vocab']): ReadonlyMap<string, number> => {
  const ids = new Map<string, number>();
  for (const piece of Object.keys(vocab)) ids.set(piece, vocab[piece] ?? 0);
  return ids;
};

/** Gives the ids of a word's characters, or of the tokens that replace unknown ones. */
const symbolizer = (
  {
    unk_token: unknownToken,
    fuse_unk: fuses,
    byte_fallback: fallsBack,
    continuing_subword_prefix: prefix,
    end_of_word_suffix: suffix,
  }: BpeConfig,
  ids: ReadonlyMap<string, number>,
): ((word: string) => readonly number[]) => {
  const unknownId = (): number => {
    const id = ids.get(unknownToken ?? '');
    if (id === undefined) throw new Error(`unk_token ${unknownToken} is not in the vocabulary`);
    return id;
  };
  const bytesOf = (symbol: string): readonly number[] | undefined => {
    const bytes = fallsBack ? byteTokens(symbol).map((token) => ids.get(token)) : [undefined];
    return bytes.every((byte) => byte !== undefined) ? bytes : undefined;
  };
  return (word) => {
    const characters = Array.from(word);
    const symbols: number[] = [];
    // It comes before what is known next: bytes pass it by.
    let unknown: number | undefined;
    for (const [index, character] of characters.entries()) {
      const start = index > 0 ? (prefix ?? '') : '';
      const end = index === characters.length - 1 ? (suffix ?? '') : '';
      const symbol = start + character + end;
      const id = ids.get(symbol);
      const bytes = id === undefined ? bytesOf(symbol) : undefined;
      if (bytes !== undefined) symbols.push(...bytes);
      else if (id !== undefined || !fuses) {
        if (unknown !== undefined) symbols.push(unknown);
        unknown = undefined;
      }
      if (id !== undefined) symbols.push(id);
      else if (bytes === undefined && typeof unknownToken === 'string') unknown = unknownId();
    }
    return unknown === undefined ? symbols : [...symbols, unknown];
  };
};
