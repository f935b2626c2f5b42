/** What coalescing needs to know of a record: which item it changes, and when. */
export interface Change {
  /** Absent where the record could not be read so far; then it stands for itself. */
  readonly item: string | undefined;
  /** Microseconds since 1970; absent where the producer does not say. */
  readonly createdMicros: bigint | undefined;
}

/**
 * The newest change of each item stands for all of them, since at most one text can be current. Kinesis Data Streams
 * for DynamoDB may deliver changes of an item out of order and more than once, so the newest is the one made last,
 * and the last in the batch where the times are equal or unknown.
 *
 * @param changes in the order of the batch
 * @returns for each change, the index of the change that stands for it
 */
export const coalesce = (changes: readonly Change[]): readonly number[] => {
  const newest = new Map<string, number>();
  for (const [index, change] of changes.entries()) {
    if (change.item === undefined) continue;
    const seen = newest.get(change.item);
    if (seen === undefined || !isOlder(change, changes[seen])) newest.set(change.item, index);
  }
  return changes.map(({ item }, index) => (item === undefined ? index : (newest.get(item) ?? index)));
};

const isOlder = (change: Change, than: Change | undefined): boolean =>
  change.createdMicros !== undefined &&
  than?.createdMicros !== undefined &&
  change.createdMicros < than.createdMicros;
