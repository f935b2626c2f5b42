import { must } from '../errors.ts';

/** What a batch operation takes in a call. */
export interface CallLimits<Entry> {
  readonly maxEntries: number;
  /** Of all entries together. */
  readonly maxBytes: number;
  bytesOf(entry: Entry): number;
  /** Entries with the same key are accepted in their order. Without it, entries may overtake each other. */
  orderOf?(entry: Entry): string;
}

/** The entries left, by their indices, in as many calls as are made at a time: of a key the first one only. */
export const nextCalls = <Entry>(
  entries: readonly Entry[],
  left: ReadonlySet<number>,
  { maxEntries, maxBytes, bytesOf, orderOf }: CallLimits<Entry>,
  concurrency: number,
): readonly (readonly number[])[] => {
  const calls: number[][] = [[]];
  const keys = new Set<string>();
  let bytes = 0;
  for (const index of left) {
    const entry = entries[index] as Entry;
    const key = orderOf?.(entry);
    if (key !== undefined && keys.has(key)) continue;
    bytes += bytesOf(entry);
    const call = must(calls.at(-1), 'call');
    // An entry that is too large for a call is sent alone: AWS returns the error.
    if (call.length === maxEntries || (bytes > maxBytes && call.length > 0)) {
      if (calls.length === concurrency) break;
      calls.push([]);
      bytes = bytesOf(entry);
    }
    if (key !== undefined) keys.add(key);
    must(calls.at(-1), 'call').push(index);
  }
  return calls;
};
