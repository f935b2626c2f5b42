import type { ForwardKind } from '../../../streams/forward/target.ts';
import { type Section, tableSection } from '../../report/section.ts';
import { PRICES } from '../prices.ts';

/** An event with the key, the label and the names of an item. */
const EVENT_BYTES = 800;

/** Events of a call, where an invocation has as many. */
const PER_CALL = 10;

const FIREHOSE_BYTES = 5 * 1024;

interface Row {
  /** US dollars. */
  readonly million: number;
  readonly note: string;
}

/** What sending an event costs, by destination; reading it there is not in it. */
const DESTINATIONS: Readonly<Record<ForwardKind, Row>> = {
  eventbridge: { million: PRICES.eventBridge.event * 1e6, note: 'each event' },
  sqs: {
    million: (PRICES.sqs.request / PER_CALL) * 1e6,
    note: `ten in a request; a FIFO queue ${((PRICES.sqs.fifoRequest / PER_CALL) * 1e6).toFixed(2)}`,
  },
  sns: {
    million: (PRICES.sns.request / PER_CALL) * 1e6,
    note: `ten in a request; a FIFO topic ${(PRICES.sns.fifoMessage * 1e6 + (EVENT_BYTES / 1e3) * PRICES.sns.fifoGB).toFixed(2)}`,
  },
  kinesis: {
    million: PRICES.kinesis.put * 1e6,
    note: `provisioned; on demand ${((1024 / 1024 ** 3) * 1e6 * PRICES.kinesis.gbIn).toFixed(2)}; the stream itself besides`,
  },
  firehose: {
    million: (FIREHOSE_BYTES / 1024 ** 3) * PRICES.firehose.gb * 1e6,
    note: 'each counts as 5 KB',
  },
  lambda: { million: PRICES.lambda.request * 1e6, note: "an invocation each, and that function's time" },
};

/** US dollars for a million events to a destination. */
export const forwardMillion = (kind: ForwardKind): number => DESTINATIONS[kind].million;

/** @param events a month, where that is known @param chosen the stage's destination */
export const forwardSection = (events: number | undefined, chosen: ForwardKind | undefined): Section => ({
  ...tableSection(
    'forward',
    'Forwarding labels',
    [
      { key: 'to', head: 'to' },
      { key: 'million', head: '$ a million events', digits: 3 },
      ...(events === undefined ? [] : [{ key: 'month', head: '$ a month', digits: 2 }]),
      { key: 'note', head: '' },
    ],
    Object.entries(DESTINATIONS).map(([to, { million, note }]) => ({
      to: to === chosen ? `${to} (forwardTo)` : to,
      million,
      ...(events !== undefined && { month: (million * events) / 1e6 }),
      note,
    })),
  ),
  notes: [
    "Where calls are as full as they can be. The table's own stream has the labels, too, and costs nothing.",
  ],
});
