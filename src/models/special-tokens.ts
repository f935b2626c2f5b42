import type { LibraryTokenizer, Processed } from './tokenizer-library.ts';

/** A special token of a sequence, or the place of a text (0) or of the other of a pair (1). */
export type Piece =
  { readonly id: number; readonly type: number } | { readonly text: 0 | 1; readonly type: number };

/** What surrounds a text, `[CLS] text [SEP]`, and a pair, `[CLS] text [SEP] other [SEP]`. */
export interface SpecialTokens {
  readonly single: readonly Piece[];
  readonly pair: readonly Piece[];
}

/** Stand for the tokens of a text; no vocabulary has them. */
const TEXTS = ['\ufdd0', '\ufdd1'];

/**
 * The special tokens that a tokenizer adds, and the type of each part: asked once, of its own post-processor.
 *
 * @param types how many token types the model knows; a higher one becomes the highest it knows
 * @throws Error where a special token is not in the vocabulary
 */
export const specialTokens = (tokenizer: LibraryTokenizer, types: number): SpecialTokens => {
  const piecesOf = (texts: readonly string[]): readonly Piece[] => {
    const [tokens, other] = texts.map((text) => [text]);
    const processor = tokenizer.post_processor;
    const processed: Processed = processor?.post_process(tokens ?? [], other ?? null, true) ?? { tokens: [] };
    const found = processed.tokens.map((token, index): Piece => {
      const type = Math.min(processed.token_type_ids?.[index] ?? 0, types - 1);
      if (TEXTS.includes(token)) return { ...placeOf(token, types), type };
      const id = tokenizer.token_to_id(token);
      if (id === undefined) throw new Error(`special token ${token} is not in the vocabulary`);
      return { id, type };
    });
    // Without a post-processor, or with one that knows single texts only, the texts follow each other.
    const missing = TEXTS.filter((text) => texts.includes(text) && !processed.tokens.includes(text));
    return [...found, ...missing.map((text) => placeOf(text, types))];
  };
  return { single: piecesOf(TEXTS.slice(0, 1)), pair: piecesOf(TEXTS) };
};

const placeOf = (text: string, types: number): Piece => {
  const index = text === TEXTS[0] ? 0 : 1;
  return { text: index, type: Math.min(index, types - 1) };
};
