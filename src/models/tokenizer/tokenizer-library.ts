/** What tokenizer.json says of a pattern: a string as it is, or a regular expression of Oniguruma. */
export type PatternConfig = { readonly String: string } | { readonly Regex: string };

/** What tokenizer.json says of a WordPiece model. */
export interface WordPieceConfig {
  readonly vocab: Readonly<Record<string, number>>;
  readonly unk_token: string;
  readonly continuing_subword_prefix: string;
  readonly max_input_chars_per_word: number;
}

/** What is used of `@huggingface/tokenizers`: parts that do what the Rust tokenizers do. */
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
 * The library, loaded when first asked for: only some models need it. Its own declarations import files without their
 * extensions, which TypeScript does not find for an ES module, so that they say nothing.
 */
export const tokenizerLibrary = async (): Promise<TokenizerLibrary> => {
  const library: unknown = await import('@huggingface/tokenizers');
  return library as TokenizerLibrary;
};

/** @throws SyntaxError where the pattern is none that JavaScript can be told */
export const patternOf = (config: PatternConfig, { ReplaceNormalizer }: TokenizerLibrary): RegExp => {
  const { pattern } = new ReplaceNormalizer({ pattern: config });
  if (pattern === null) throw new Error('a pattern should have a String or a Regex');
  return pattern;
};
