/**
 * Remembers, beyond the end of the process, which texts are being classified: one that never finishes, or takes more
 * memory than the function has, ends the environment, and with it everything else that was in work.
 */
export interface InFlight {
  /**
   * What is known of a text: nothing (`none`); that it was in work, among others, when an environment ended
   * (`suspect`); or that this happened twice, with the text alone (`guilty`).
   *
   * @param hash of the text
   */
  suspicionOf(hash: string): 'none' | 'suspect' | 'guilty';
  /** Runs `work`, and remembers the texts until it ends. */
  during<Result>(hashes: readonly string[], work: () => Promise<Result>): Promise<Result>;
}

/** Remembers nothing. */
export const NOT_WATCHED: InFlight = {
  suspicionOf: () => 'none',
  during: (_, work) => work(),
};
