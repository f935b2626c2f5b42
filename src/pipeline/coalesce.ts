/** What coalescing needs to know of a record: which item it changes, and when. */
export interface Change {
  /** Absent where the record could not be read so far; then it stands for itself. */
  readonly item: string | undefined;
  /** Microseconds since 1970; absent where the producer does not say. */
  readonly createdMicros: bigint | undefined;
  /** DynamoDB Streams' sequence number; absent in the native fan-out. */
  readonly changeNumber?: bigint | undefined;
  /** JSON: the text that it left the item with and the models to ask; absent where there is nothing to label. */
  readonly content?: unknown;
}

/**
 * The newest change of each item stands for all of them, since at most one of them can be current. Kinesis Data Streams
 * for DynamoDB may deliver changes of an item out of order and more than once, so the newest is the one made last. Where
 * the times are equal or unknown it is the one with the higher sequence number of DynamoDB Streams, whose times are
 * whole seconds, and without these the last in the batch.
 *
 * Changes made at one and the same time to different texts or models, which nothing puts in order, each stand for
 * themselves: the condition under which labels are written lets the right one through.
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
  return changes.map((change, index) => {
    const standIn = change.item === undefined ? undefined : newest.get(change.item);
    return standIn === undefined || isUndecided(change, changes[standIn]) ? index : standIn;
  });
};

const isUndecided = (change: Change, newest: Change | undefined): boolean =>
  change.createdMicros !== undefined &&
  change.createdMicros === newest?.createdMicros &&
  (change.changeNumber === undefined || newest.changeNumber === undefined) &&
  change !== newest &&
  JSON.stringify(change.content) !== JSON.stringify(newest.content);

const isOlder = (change: Change, than: Change | undefined): boolean =>
  (compare(change.createdMicros, than?.createdMicros) || compare(change.changeNumber, than?.changeNumber)) <
  0;

/** Which is less; 0 where they are equal or one is unknown. Digits beyond 2^53 count, so these are never numbers. */
const compare = (one: bigint | undefined, other: bigint | undefined): number =>
  one === undefined || other === undefined || one === other ? 0 : one < other ? -1 : 1;
