import { TransientError } from '../../errors.ts';
import type { Answer } from '../../tasks/model.ts';
import type { CallOptions, Forwarder, LabelWrite, ModelLabel, PutResult } from '../destinations.ts';
import { FORWARD, type Meter } from '../meter.ts';
import type { Failed, Outcome, Rejected } from '../outcome.ts';
import { labelEvent } from './label-event.ts';

/** Where labels are forwarded to once they are written. */
export interface Forwarding {
  readonly to: Forwarder;
  /** The `source` of the events: `/labelstream/prod`. */
  readonly source: string;
}

/** A write and how it ended. */
export interface Written {
  readonly write: LabelWrite;
  readonly outcome: Outcome;
  /** When the change was made that it is for, in microseconds since 1970. */
  readonly changedMicros: bigint | undefined;
}

/**
 * Forwards the labels that items have after these writes: those written, and those that were there already. The latter
 * may be of an invocation that ended between writing and forwarding, and whose records are delivered again. Errors in
 * place of labels are not forwarded.
 *
 * @returns for each write, the results of its events that were not forwarded
 */
export const forwardLabels = async (
  writes: readonly Written[],
  { to, source }: Forwarding,
  { table }: { readonly table: string },
  options: CallOptions,
  meter: Meter,
): Promise<readonly (readonly (Rejected | Failed)[])[]> => {
  const events = writes.flatMap(({ write: { document, labels }, outcome, changedMicros }, index) =>
    outcome.kind === 'labelled' || outcome.kind === 'unchanged'
      ? labels.filter(isAnswered).map(({ model, answer }) => ({
          index,
          event: labelEvent({ document, model, answer, changedMicros }, { source, table }),
        }))
      : [],
  );
  if (events.length === 0) return writes.map(() => []);
  const results = await meter.step(FORWARD, () =>
    to.put(
      events.map(({ event }) => event),
      options,
    ),
  );
  const undone = writes.map((): (Rejected | Failed)[] => []);
  let sent = 0;
  for (const [position, { index }] of events.entries()) {
    const result = results[position] ?? missing();
    if (result.kind === 'forwarded') sent += 1;
    else undone[index]?.push(result);
  }
  meter.forwarded(sent, events.length - sent);
  return undone;
};

/**
 * Forwards the labels of writes to the same destination.
 *
 * @param changedAt when the changes were made that documents are of, in microseconds since 1970
 */
export const forwardWrites =
  (
    forwarding: Forwarding,
    settings: { readonly table: string },
    changedAt: ReadonlyMap<LabelWrite['document'], bigint | undefined>,
    options: CallOptions,
    meter: Meter,
  ) =>
  (writes: readonly Omit<Written, 'changedMicros'>[]): ReturnType<typeof forwardLabels> => {
    const dated = writes.map((one) => ({ ...one, changedMicros: changedAt.get(one.write.document) }));
    return forwardLabels(dated, forwarding, settings, options, meter);
  };

const isAnswered = (label: ModelLabel): label is ModelLabel & { readonly answer: Answer } =>
  label.answer !== undefined && !('error' in label.answer);

/** Results align with events; a missing result counts as failed. */
const missing = (): PutResult => ({ kind: 'failed', error: new TransientError('an event got no answer') });
