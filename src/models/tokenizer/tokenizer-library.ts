/** A pattern in tokenizer.json: a literal string, or a regular expression of Oniguruma. */
export type PatternConfig = { readonly String: string } | { readonly Regex: string };

/** A WordPiece model in tokenizer.json. */
export interface WordPieceConfig {
  readonly vocab: Readonly<Record<string, number>>;
  readonly unk_token: string;
  readonly continuing_subword_prefix: string;
  readonly max_input_chars_per_word: number;
}

/** The parts of `@huggingface/tokenizers` that are used: they behave like the Rust tokenizers. */
export interface TokenizerLibrary {
  readonly WordPiece: new (config: WordPieceConfig) => {
    encode(words: readonly string[]): readonly string[];
    readonly tokens_to_ids: ReadonlyMap<string, number>;
    readonly unk_token_id: number | undefined;
  };
  /** It rewrites a pattern for JavaScript. */
  readonly ReplaceNormalizer: new (config: { readonly pattern: PatternConfig }) => {
    readonly pattern: RegExp | null;
  };
}

/**
 * The library, loaded on first use: only some models need it. Its own declarations import files without extensions,
 * which TypeScript does not resolve for an ES module, so they have no types.
 */
export const tokenizerLibrary = async (): Promise<TokenizerLibrary> => {
  const library: unknown = await import('@huggingface/tokenizers');
  return library as TokenizerLibrary;
};

/** @throws SyntaxError where the pattern cannot be written in JavaScript */
export const patternOf = (config: PatternConfig, { ReplaceNormalizer }: TokenizerLibrary): RegExp => {
  const { pattern } = new ReplaceNormalizer({ pattern: config });
  if (pattern === null) throw new Error('a pattern should have a String or a Regex');
  return pattern;
};
