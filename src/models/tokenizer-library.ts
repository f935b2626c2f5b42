/** What is used of a tokenizer of `@huggingface/tokenizers`. */
export interface LibraryTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { readonly ids: readonly number[] };
  token_to_id(token: string): number | undefined;
  readonly post_processor: {
    post_process(tokens: readonly string[], other: readonly string[] | null, special: true): Processed;
  } | null;
}

/** What a post-processor makes of the tokens of a text or a pair. */
export interface Processed {
  readonly tokens: readonly string[];
  readonly token_type_ids?: readonly number[];
}

type NewTokenizer = new (tokenizer: object, config: object) => LibraryTokenizer;

/**
 * The library, loaded when first asked for: only some models need it. Its own declarations import files without their
 * extensions, which TypeScript does not find for an ES module, so that they say nothing.
 */
export const tokenizerLibrary = async (): Promise<{ readonly Tokenizer: NewTokenizer }> => {
  const library: { readonly Tokenizer: unknown } = await import('@huggingface/tokenizers');
  return library as { readonly Tokenizer: NewTokenizer };
};
