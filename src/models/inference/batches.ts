/** The limits of one run of a model. */
export interface BatchLimits {
  /** The most padded tokens of a batch: its longest text's length times its number of texts. */
  readonly maxTokens: number;
  /** The most texts of a batch. */
  readonly maxItems: number;
  /** How much longer the longest text of a batch may be than its shortest; any, if left out. 0: nothing is padded. */
  readonly maxPadding?: number;
}

/**
 * Plans batches by padded tokens: texts sorted by length, cut where the longest times the count would pass the
 * budget or the padding would. A text longer than the budget runs alone.
 *
 * @param lengths one per text, in tokens (or whatever the model pads)
 * @returns batches of indices into `lengths`; every index is in exactly one
 */
export const planBatches = (
  lengths: readonly number[],
  { maxTokens, maxItems, maxPadding = Number.POSITIVE_INFINITY }: BatchLimits,
): number[][] => {
  const order = Uint32Array.from(lengths.keys()).sort(
    (a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b,
  );
  const batches: number[][] = [];
  let batch: number[] = [];
  for (const index of order) {
    const longest = lengths[index] ?? 0;
    const shortest = lengths[batch[0] ?? index] ?? 0;
    const isFull =
      batch.length === maxItems ||
      longest * (batch.length + 1) > maxTokens ||
      longest - shortest > maxPadding;
    if (batch.length > 0 && isFull) {
      batches.push(batch);
      batch = [];
    }
    batch.push(index);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
};
