/** Passes records on late and more than once. */
export interface Disorder<T> {
  /**
   * @param delays one per copy: after how many further records it comes
   * @returns the copies that are due, of this record and of those before it
   */
  push(record: T, delays: readonly number[]): readonly T[];
  /** The records that are still delayed. */
  flush(): readonly T[];
}

/**
 * Disturbs records as Kinesis Data Streams for DynamoDB may do: duplicates, and changes of one item out of order, with
 * a maximum delay.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_using-shards-and-metrics.html
 */
export const createDisorder = <T>(): Disorder<T> => {
  let tick = 0;
  let held: { readonly record: T; readonly due: number }[] = [];
  const release = (until: number): readonly T[] => {
    const due = held.filter((copy) => copy.due <= until).sort((a, b) => a.due - b.due);
    if (due.length > 0) held = held.filter((copy) => copy.due > until);
    return due.map(({ record }) => record);
  };
  return {
    push: (record, delays) => {
      tick += 1;
      for (const delay of delays) held.push({ record, due: tick + delay });
      return release(tick);
    },
    flush: () => release(Number.POSITIVE_INFINITY),
  };
};
