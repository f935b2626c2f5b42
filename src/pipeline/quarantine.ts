import { TransientError } from '../errors.ts';
import type { Failed, Rejected } from './outcome.ts';
import type { RejectStore } from './destinations.ts';
import type { StreamRecord } from './records/stream-record.ts';

type Ended = { readonly kind: string } | Rejected | Failed;

const isRejected = (outcome: Ended): outcome is Rejected => outcome.kind === 'rejected';

/**
 * Stores what was rejected. Only then are the rejects done: where they cannot be stored they have failed.
 *
 * @param recordAt what to keep of the record at an index of `outcomes`
 */
export const quarantine = async <Outcome extends Ended>(
  outcomes: readonly (Outcome | Rejected | Failed)[],
  recordAt: (index: number) => StreamRecord,
  store: RejectStore,
  signal: AbortSignal,
): Promise<readonly (Outcome | Rejected | Failed)[]> => {
  const rejects = outcomes.flatMap((outcome, index) =>
    isRejected(outcome) ? [{ ...recordAt(index), error: outcome.error }] : [],
  );
  if (rejects.length === 0) return outcomes;
  try {
    await store.put(rejects, { signal });
    return outcomes;
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    return outcomes.map((outcome) => (isRejected(outcome) ? { kind: 'failed', error } : outcome));
  }
};
