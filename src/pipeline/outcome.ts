import type { PermanentError, TransientError } from '../errors.ts';
import type { SkipReason } from './document.ts';

/** How a record ended. Every record of a batch ends in exactly one outcome. */
export type Outcome =
  /** Its label was written. */
  | { readonly kind: 'labelled' }
  /** The item bore the label already. */
  | { readonly kind: 'unchanged' }
  /** A newer change of the item stands for it, or the item holds another text by now or is gone. */
  | { readonly kind: 'superseded' }
  /** There was nothing to label. */
  | { readonly kind: 'skipped'; readonly reason: SkipReason }
  /** It can never be labelled and is kept among the rejects. */
  | { readonly kind: 'rejected'; readonly error: PermanentError }
  /** It is to be delivered again. */
  | { readonly kind: 'failed'; readonly error: TransientError };

export type OutcomeKind = Outcome['kind'];
export type Tally = Readonly<Record<OutcomeKind, number>>;

/** How many records ended how. */
export const tally = (outcomes: readonly Outcome[]): Tally => {
  const counts = { labelled: 0, unchanged: 0, superseded: 0, skipped: 0, rejected: 0, failed: 0 };
  for (const { kind } of outcomes) counts[kind] += 1;
  return counts;
};

/**
 * The first record that is not done, from which the event source mapping is to deliver again; -1 if all are done.
 * Records arrive in the order of their sequence numbers, so the first has the lowest.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
export const firstUndone = (outcomes: readonly Outcome[]): number =>
  outcomes.findIndex(({ kind }) => kind === 'failed');
