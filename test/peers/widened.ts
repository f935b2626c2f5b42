/** The content of a tokenizer.json as far as it matters here. */
interface TokenizerFile {
  readonly model: {
    readonly type: string;
    readonly vocab: Readonly<Record<string, number>> | readonly (readonly [string, number])[];
    readonly continuing_subword_prefix?: string | null;
    readonly end_of_word_suffix?: string | null;
  };
}

/** Less likely than any piece that was trained. */
const SCORE = -30;

/**
 * A tokenizer that knows all these characters: a small one takes most for unknown, whatever normalization made of them.
 * Byte-level tokenizers know them already, and get pieces that they never use.
 */
export const widened = (tokenizer: object, characters: readonly string[]): object => {
  const { model, ...others } = tokenizer as TokenizerFile;
  const { vocab, continuing_subword_prefix: prefix, end_of_word_suffix: suffix } = model;
  if (Array.isArray(vocab)) {
    const known = new Set(vocab.map(([piece]) => piece));
    const added = characters
      .filter((character) => !known.has(character))
      .map((character) => [character, SCORE]);
    return { ...others, model: { ...model, vocab: [...vocab, ...added] } };
  }
  const pieces = new Map(Object.entries(vocab));
  for (const character of characters) {
    for (const piece of [character, `${prefix ?? ''}${character}`, `${character}${suffix ?? ''}`])
      if (!pieces.has(piece)) pieces.set(piece, pieces.size);
  }
  return { ...others, model: { ...model, vocab: Object.fromEntries(pieces) } };
};
