import { must, TransientError, unreadable } from '../../errors.ts';
import { changeRecordOf } from './change-record.ts';
import type { TableChange } from '../records/dynamodb-event.ts';
import { type Deadline, LAST_RESERVE } from '../deadline.ts';
import type { Failed, Rejected } from '../outcome.ts';
import type { TextPlaces } from '../../tasks/task.ts';
import { isOwnLabelWrite } from './own-write.ts';
import { quarantine } from '../quarantine.ts';
import type { OutgoingRecord, PutResult, RecordStream, RejectStore } from '../destinations.ts';

/** How a change ended. */
export type FanOutOutcome =
  | { readonly kind: 'forwarded' }
  /** The change wrote a label for the text that the item holds. */
  | { readonly kind: 'skipped'; readonly reason: 'own-label' }
  | Rejected
  | Failed;

export const FAN_OUT_KINDS: readonly FanOutOutcome['kind'][] = ['forwarded', 'skipped', 'rejected', 'failed'];

export interface FanOutParts {
  readonly stream: RecordStream;
  readonly rejects: RejectStore;
  readonly settings: FanOutSettings;
}

export interface FanOutSettings extends TextPlaces {
  /** Time kept back for storing rejects and answering, in ms. */
  readonly deadlineMarginMs: number;
}

/**
 * Forwards the changes of a table to a Kinesis stream, removals included: they cost a record each and save the
 * classification of what they remove. To drop them at no cost, filter them out in the event source mapping of this
 * function.
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

/** Results align with changes; a missing result counts as failed. */
const missing = (): PutResult => ({
  kind: 'failed',
  error: new TransientError('a change got no answer'),
});

/** The table's stream keeps a change for 24 hours only, so it is stored whole, as Lambda delivered it. */
const rejectOf = ({ shard, sequenceNumber, record }: TableChange) => ({
  shard,
  sequenceNumber,
  partitionKey: '',
  data: Buffer.from(JSON.stringify(record)).toString('base64'),
});
