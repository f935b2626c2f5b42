import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { scan } from '../../invoke/inspect.ts';

/** The number of rejects by reason, the most frequent first. */
export type RejectCounts = Readonly<Record<string, number>>;

/** Counts rejects by reason. */
export const rejectTally = () => {
  const counts = new Map<string, number>();
  return {
    add: (code: string): void => {
      counts.set(code, (counts.get(code) ?? 0) + 1);
    },
    counts: (): RejectCounts =>
      Object.fromEntries([...counts].toSorted(([a, most], [b, more]) => more - most || (a < b ? -1 : 1))),
  };
};

/** Counts the rejects of a table: a record that was delivered again is counted once. */
export const countRejects = async (dynamodb: DynamoDBClient, table: string): Promise<RejectCounts> => {
  const { add, counts } = rejectTally();
  for await (const { code } of scan(dynamodb, table)) add(code?.S ?? 'unknown');
  return counts();
};

/** `text-too-long 2, bad-text 1` */
export const rejectsText = (counts: RejectCounts): string =>
  Object.entries(counts)
    .map(([code, rejects]) => `${code} ${rejects.toLocaleString('en-US')}`)
    .join(', ');

/** The message where rejects are a fault; undefined where there are none. */
export const rejectsFault = (counts: RejectCounts): string | undefined =>
  Object.keys(counts).length === 0
    ? undefined
    : `rejects: ${rejectsText(counts)}. They are no fault with --allow-rejects`;
