import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { errorName, must, PermanentError } from '../../errors.ts';
import type { Forwarder, LabelEvent } from '../../pipeline/destinations.ts';
import type { EntryAnswer, SendOptions } from '../send-entries.ts';
import { batchForwarder, eventText, type OpenForwarder } from './batch-forwarder.ts';
import type { ForwardTarget } from './target.ts';

/** EventBridge takes 10 events and 1 MB in a call. */
const MAX_ENTRIES = 10;
const MAX_BYTES = 1_000_000;

/** Codes of events that no retry resolves. */
const REFUSALS: readonly unknown[] = ['InvalidArgument', 'MalformedDetail', 'ValidationException'];

/**
 * Events on a bus of EventBridge, in its own envelope: `source` and the time as there, the id and the subject within the
 * detail. EventBridge keeps no order.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export const eventBridgeForwarder = (
  client: EventBridgeClient,
  { arn, name }: ForwardTarget,
  rounds: SendOptions = {},
): Forwarder =>
  batchForwarder<PutEventsRequestEntry>(
    {
      ...{ call: 'PutEvents', to: `event bus ${name}`, maxEntries: MAX_ENTRIES },
      ...{ maxBytes: MAX_BYTES, maxEntryBytes: MAX_BYTES },
      toEntry: (event) => toEntry(event, arn),
      bytesOf,
      send: async (entries, { signal }) => {
        const command = new PutEventsCommand({ Entries: [...entries] });
        const { Entries = [] } = await client.send(command, signal && { abortSignal: signal });
        return Entries.map(({ EventId, ErrorCode }): EntryAnswer => {
          if (ErrorCode === undefined) return EventId === undefined ? 'no answer' : undefined;
          return REFUSALS.includes(ErrorCode)
            ? new PermanentError('forward-refused', `event bus ${name} refused an event: ${ErrorCode}`)
            : ErrorCode;
        });
      },
      isRefusal: (error) => REFUSALS.includes(errorName(error)),
    },
    { concurrency: 8, ...rounds },
  );

const toEntry = ({ id, source, subject, time, data }: LabelEvent, bus: string): PutEventsRequestEntry => ({
  EventBusName: bus,
  Source: source,
  DetailType: 'Item Labelled',
  ...(time !== undefined && { Time: new Date(time) }),
  Detail: eventText({ id, subject, ...(time !== undefined && { time }), ...data }),
});

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
const bytesOf = ({ Source, DetailType, Detail, Time }: PutEventsRequestEntry): number =>
  [Source, DetailType, Detail].reduce(
    (bytes, text) => bytes + Buffer.byteLength(must(text, 'part of an event')),
    Time === undefined ? 0 : 14,
  );

export const openEventBridge: OpenForwarder = (target, config) =>
  eventBridgeForwarder(new EventBridgeClient({ ...config, region: target.region }), target);
