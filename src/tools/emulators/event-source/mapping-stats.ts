import type { BatchReport, Retry, Settlement } from './delivery-context.ts';

/** Sums over the mapping's life. */
export interface MappingStats {
  readonly shards: number;
  readonly invocations: number;
  /** Records delivered, those delivered again counted again. */
  readonly recordsSent: number;
  readonly recordsDone: number;
  /** Discarded records: retries exhausted, or too old. */
  readonly recordsDiscarded: number;
  /** Records that matched no filter pattern: done without being sent. */
  readonly recordsFiltered: number;
  /** Invocations after which the same records were delivered again. */
  readonly retries: number;
  readonly bisections: number;
  /** Invocations after which the rest of the batch, from the reported record on, was delivered again. */
  readonly partialFailures: number;
  /** Invocations that Lambda refused, for lack of concurrency or by a service error. */
  readonly refusals: number;
}

/** Counts what a mapping does. */
export const createMappingStats = () => {
  const settled: Record<Settlement, number> = { done: 0, discarded: 0, filtered: 0 };
  const again: Record<Retry, number> = { retried: 0, bisected: 0, resumed: 0, refused: 0 };
  let invocations = 0;
  let recordsSent = 0;
  return {
    onBatch: ({ records }: BatchReport): void => {
      invocations += 1;
      recordsSent += records;
    },
    onSettled: ({ length }: readonly unknown[], how: Settlement): void => {
      settled[how] += length;
    },
    onRetry: (how: Retry): void => {
      again[how] += 1;
    },
    stats: (shards: number): MappingStats => ({
      shards,
      invocations,
      recordsSent,
      recordsDone: settled.done,
      recordsDiscarded: settled.discarded,
      recordsFiltered: settled.filtered,
      retries: again.retried,
      bisections: again.bisected,
      partialFailures: again.resumed,
      refusals: again.refused,
    }),
  };
};
