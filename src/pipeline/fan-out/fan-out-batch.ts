import { must, TransientError, unreadable } from '../../errors.ts';
import { changeRecordOf } from './change-record.ts';
import type { TableChange } from '../records/dynamodb-event.ts';
import { type Deadline, LAST_RESERVE } from '../deadline.ts';
import type { Failed, Rejected } from '../outcome.ts';
import { isOwnLabelWrite, type OwnWriteSettings } from './own-write.ts';
import { quarantine } from '../quarantine.ts';
import type { OutgoingRecord, PutResult, RecordStream, RejectStore } from '../destinations.ts';

/** How a change ended. */
export type FanOutOutcome =
  | { readonly kind: 'forwarded' }
  /** A label that was written for the text which the item holds. */
  | { readonly kind: 'skipped'; readonly reason: 'own-label' }
  | Rejected
  | Failed;

export const FAN_OUT_KINDS: readonly FanOutOutcome['kind'][] = ['forwarded', 'skipped', 'rejected', 'failed'];

export interface FanOutParts {
  readonly stream: RecordStream;
  readonly rejects: RejectStore;
  readonly settings: FanOutSettings;
}

export interface FanOutSettings extends OwnWriteSettings {
  /** Time kept back for storing rejects and answering, in ms. */
  readonly deadlineMarginMs: number;
}

/**
 * Forwards the changes of a table to a Kinesis stream. Removals go along as they come: they cost a record each and
 * save the classification of what they remove. Whoever wants neither filters them out before this function, which
 * costs nothing.
 *
 * @returns one outcome per change, in the order of the changes
 */
export const fanOutBatch = async (
  changes: readonly TableChange[],
  { stream, rejects, settings }: FanOutParts,
  deadline: Deadline,
): Promise<readonly FanOutOutcome[]> => {
  const decided = changes.map(forwardOrNot(settings));
  const records = decided.flatMap((one) => ('kind' in one ? [] : [one]));
  const results =
    records.length > 0
      ? await stream.put(records, { signal: deadline.signal(settings.deadlineMarginMs) })
      : [];
  const resultOf = new Map(records.map((record, index) => [record, results[index] ?? missing()]));
  const outcomes = decided.map((one) => ('kind' in one ? one : (resultOf.get(one) ?? missing())));
  return quarantine<FanOutOutcome>(
    outcomes,
    (index) => rejectOf(must(changes[index], 'change of an outcome')),
    rejects,
    deadline.signal(settings.deadlineMarginMs * LAST_RESERVE),
  );
};

/** The record that forwards a change, or how the change ends without one. */
const forwardOrNot =
  (settings: FanOutSettings) =>
  (change: TableChange): FanOutOutcome | OutgoingRecord => {
    try {
      return isOwnLabelWrite(change.record, settings)
        ? { kind: 'skipped', reason: 'own-label' }
        : changeRecordOf(change);
    } catch (error) {
      return { kind: 'rejected', error: unreadable(error) };
    }
  };

/** Results align with what was asked; one that is not there has failed. */
const missing = (): PutResult => ({
  kind: 'failed',
  error: new TransientError('a change got no answer'),
});

/** The stream keeps a change for 24 hours, so it is kept whole: as Lambda delivered it. */
const rejectOf = ({ shard, sequenceNumber, record }: TableChange) => ({
  shard,
  sequenceNumber,
  partitionKey: '',
  data: Buffer.from(JSON.stringify(record)).toString('base64'),
});
