/** What coalescing needs to know of a record: which item it changes, and when. */
export interface Change {
  /** Absent where the record could not be read that far; then nothing supersedes it. */
  readonly item: string | undefined;
  /** Microseconds since 1970; absent where the producer does not send it, or it is not plausible. */
  readonly createdMicros: bigint | undefined;
  /** DynamoDB Streams' sequence number; absent in the native fan-out. */
  readonly changeNumber?: bigint | undefined;
  /** JSON: what would be written for the item; absent where there is nothing to write. */
  readonly content?: unknown;
  /** A record that could not be read does not supersede others. */
  readonly isReject?: boolean;
  /**
   * The item has a label that may have to be forwarded still: the record that it was written for is delivered again if it
   * was not, and must not be superseded by the record of that write.
   */
  readonly bearsLabel?: boolean;
}

/**
 * Finds the changes that another one supersedes, so that they need neither an inference nor a write: at most one change
 * of an item can be current. Kinesis Data Streams for DynamoDB may deliver them out of order and more than once, and
 * other producers may write to the stream, so one change supersedes another only
 *
 * - if it is known to be newer: by the time of the change, as exact as that is, and for changes of one time by the
 *   sequence number of DynamoDB Streams;
 * - or if the same would be written for the item.
 *
 * Where the order of two changes is not known, both are kept: only the write of the right one meets its condition.
 *
 * @param changes in the order of the batch
 * @returns for each change, the index of the change that supersedes it, or its own index
 */
export const coalesce = (changes: readonly Change[]): readonly number[] => {
  const successors = [...changes.keys()];
  const groups = Map.groupBy(changes.entries(), ([index, { item }]) => item ?? index);
  for (const group of groups.values())
    if (group.length > 1) for (const [index, successor] of successorsOf(group)) successors[index] = successor;
  return successors;
};

type Entry = readonly [index: number, change: Change];

const successorsOf = (group: readonly Entry[]): ReadonlyMap<number, number> => {
  const heads = newestOf(
    group.filter(([, change]) => change.isReject !== true && change.bearsLabel !== true),
  );
  const succeeded = group.map(
    ([index, change]) => [index, heads.find(([, head]) => order(head, change) > 0)?.[0] ?? index] as const,
  );
  const contents = new Map(group.map(([index, change]) => [index, contentOf(change)]));
  const latest = new Map(
    succeeded.flatMap(([index, successor]) =>
      index === successor ? [[contents.get(index) ?? index, index]] : [],
    ),
  );
  return new Map(
    succeeded.map(([index, successor]) => [
      index,
      latest.get(contents.get(successor) ?? successor) ?? successor,
    ]),
  );
};

/** Equal for two changes after which the same would be written. */
const contentOf = ({ content, isReject }: Change): string | undefined =>
  content === undefined || isReject === true ? undefined : JSON.stringify(content);

/**
 * The newest changes: those that no other is newer than, at least one of each kind that has one. There are few kinds,
 * so a batch full of changes of one item takes no longer than any other.
 */
const newestOf = (group: readonly Entry[]): readonly Entry[] => {
  const byKind = new Map<string, Entry>();
  for (const entry of group) {
    const { createdMicros: time, changeNumber } = entry[1];
    if (time === undefined && changeNumber === undefined) continue;
    const kind = `${time === undefined ? '' : unitOf(time)} ${changeNumber !== undefined}`;
    const newest = byKind.get(kind);
    if (newest === undefined || order(entry[1], newest[1]) > 0) byKind.set(kind, entry);
  }
  const heads = [...byKind.values()];
  return heads.filter(([, head]) => heads.every(([, other]) => order(other, head) <= 0));
};

/** Above 0 where one change is known to be newer than the other, below 0 where older; 0 where that is not known. */
const order = (one: Change, other: Change): number =>
  compareTimes(one.createdMicros, other.createdMicros) || compare(one.changeNumber, other.changeNumber);

const compareTimes = (one: bigint | undefined, other: bigint | undefined): number => {
  if (one === undefined || other === undefined) return 0;
  const apart = one < other ? other - one : one - other;
  return apart < unitOf(one) || apart < unitOf(other) ? 0 : compare(one, other);
};

const SECOND = 1_000_000n;
const MILLISECOND = 1_000n;

/** How exact a time is: one of whole seconds may be of any time within its second. */
const unitOf = (micros: bigint): bigint => {
  if (micros % SECOND === 0n) return SECOND;
  return micros % MILLISECOND === 0n ? MILLISECOND : 1n;
};

/** Digits beyond 2^53 count, so these are never numbers. */
const compare = (one: bigint | undefined, other: bigint | undefined): number =>
  one === undefined || other === undefined || one === other ? 0 : one < other ? -1 : 1;
