import type { LineResult } from './formats/format.ts';
import type { Counts, LineErrorCode, ObjectFault } from './run.ts';

/** What a shard did: it is written after the shard's part. */
export interface ShardReport {
  readonly bytes: number;
  readonly sha256: string;
  readonly counts: Counts;
  /** What the end of the output needs to know of it. */
  readonly foot: string;
  /** Why it ended before its end. */
  readonly error?: ObjectFault | undefined;
  readonly seconds?: number | undefined;
}

/** Counts results. */
export const counter = () => {
  const errors = new Map<LineErrorCode, number>();
  let lines = 0;
  let labelled = 0;
  return {
    add: (results: readonly LineResult[]): void => {
      lines += results.length;
      for (const result of results) {
        if (!('error' in result)) labelled += 1;
        else errors.set(result.error.code, (errors.get(result.error.code) ?? 0) + 1);
      }
    },
    counts: (): Counts => ({ lines, labelled, errors: sorted(errors) }),
  };
};

/** The counts of all shards together. */
export const total = (all: readonly Counts[]): Counts => {
  const errors = new Map<LineErrorCode, number>();
  for (const { errors: own } of all)
    for (const [code, count] of Object.entries(own) as [LineErrorCode, number][])
      errors.set(code, (errors.get(code) ?? 0) + count);
  return {
    lines: all.reduce((sum, { lines }) => sum + lines, 0),
    labelled: all.reduce((sum, { labelled }) => sum + labelled, 0),
    errors: sorted(errors),
  };
};

const sorted = (errors: ReadonlyMap<LineErrorCode, number>): Counts['errors'] =>
  Object.fromEntries([...errors].toSorted(([one], [other]) => (one < other ? -1 : 1)));
