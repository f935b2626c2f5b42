/** The caller closed its connection before its texts were run: nobody waits for an answer. */
export class CallerGoneError extends Error {
  override readonly name = 'CallerGoneError';
}
