import type { RecordId } from '../../../pipeline/records/stream-record.ts';

/** The index of an inner record in its KPL aggregate (`4965…#3`); the aggregate's own index comes before all. */
const parts = ({ sequenceNumber }: RecordId): readonly [bigint, number] => {
  const [outer = '', inner = '-1'] = sequenceNumber.split('#', 2);
  return [/^\d+$/.test(outer) ? BigInt(outer) : 0n, Number(inner)];
};

/**
 * Records in the order of their sequence numbers, which grow over time for a partition key, also across a split or
 * merge of its shard. Values that are not numbers come first.
 *
 * @see https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html#sequence-number
 */
export const inStreamOrder = <Entry extends RecordId>(entries: readonly Entry[]): Entry[] =>
  entries
    .map((entry) => [entry, parts(entry)] as const)
    .sort(([, [a, i]], [, [b, j]]) => (a === b ? i - j : a < b ? -1 : 1))
    .map(([entry]) => entry);
