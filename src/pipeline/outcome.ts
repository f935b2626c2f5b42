import { PermanentError, type TransientError } from '../errors.ts';
import type { SkipReason } from './items/document.ts';

/** How a record ended. Every record of a batch ends in exactly one outcome. */
export type Outcome =
  /** Its label was written. */
  | { readonly kind: 'labelled' }
  /** Its item has no text any more: the labels of the former text were removed. */
  | { readonly kind: 'cleared' }
  /** The item already had the label. */
  | { readonly kind: 'unchanged' }
  /** A newer change of the item supersedes it, or the item holds another text by now or was deleted. */
  | { readonly kind: 'superseded' }
  /** There was nothing to label. */
  | { readonly kind: 'skipped'; readonly reason: SkipReason }
  | Rejected
  | Failed;

/** It can never be labelled and is stored as a reject. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly error: PermanentError;
}

/** It should be delivered again. */
export interface Failed {
  readonly kind: 'failed';
  readonly error: TransientError;
}

/** The outcome of a record that failed with this error. */
export const failure = (error: PermanentError | TransientError): Rejected | Failed =>
  error instanceof PermanentError ? { kind: 'rejected', error } : { kind: 'failed', error };

/** From the worst to the best. */
const RANKS: Readonly<Record<Outcome['kind'], number>> = {
  failed: 0,
  rejected: 1,
  labelled: 2,
  cleared: 3,
  unchanged: 4,
  superseded: 5,
  skipped: 6,
};

/**
 * The outcome of something with these parts: the worst of theirs; `labelled`, if something was written.
 *
 * @param outcomes at least one
 */
export const worstOf = <Kind extends { readonly kind: Outcome['kind'] }>(outcomes: readonly Kind[]): Kind =>
  outcomes.reduce((worst, outcome) => (RANKS[outcome.kind] < RANKS[worst.kind] ? outcome : worst));

export type OutcomeKind = Outcome['kind'];
export type Tally = Readonly<Record<OutcomeKind, number>>;

export const OUTCOME_KINDS: readonly OutcomeKind[] = [
  'labelled',
  'cleared',
  'unchanged',
  'superseded',
  'skipped',
  'rejected',
  'failed',
];

/** The number of records by outcome, for each of `kinds`. */
export const tally = <Kind extends string>(
  outcomes: readonly { readonly kind: Kind }[],
  kinds: readonly Kind[],
): Readonly<Record<Kind, number>> => {
  const counts = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
  for (const { kind } of outcomes) counts[kind] += 1;
  return counts;
};

/**
 * The first record that is not done, from which the event source mapping should deliver again; -1 if all are done.
 * Records arrive in the order of their sequence numbers, so the first has the lowest.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
export const firstUndone = (outcomes: readonly { readonly kind: string }[]): number =>
  outcomes.findIndex(({ kind }) => kind === 'failed');
