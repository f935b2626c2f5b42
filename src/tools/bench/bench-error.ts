/** The benchmark was asked for what there is not. */
export class BenchError extends Error {
  override name = 'BenchError';
}
