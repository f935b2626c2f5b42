/**
 * Remembers which texts are being classified beyond the end of the process: one that takes for ever, or more memory than
 * there is, ends the environment, and with it whatever else was under way.
 */
export interface InFlight {
  /**
   * What is known of a text: nothing; that it was under way, among others, when an environment ended; or that it was so
   * twice, and alone.
   *
   * @param hash of the text
   */
  suspicionOf(hash: string): 'none' | 'suspect' | 'guilty';
  /** Does something with texts, and remembers them meanwhile. */
  during<Result>(hashes: readonly string[], work: () => Promise<Result>): Promise<Result>;
}

/** Remembers nothing. */
export const NOT_WATCHED: InFlight = {
  suspicionOf: () => 'none',
  during: (_, work) => work(),
};
