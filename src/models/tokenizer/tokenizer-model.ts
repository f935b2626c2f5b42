/** Cuts words into pieces of a vocabulary. */
export interface TokenizerModel {
  /** How many pieces the vocabulary has. */
  readonly size: number;
  idOf(token: string): number | undefined;
  /**
   * The ids of the words' pieces.
   *
   * @throws Error where one is unknown and the vocabulary has nothing for that
   */
  idsOf(words: readonly string[]): readonly number[];
}
