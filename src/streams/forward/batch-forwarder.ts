import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PermanentError } from '../../errors.ts';
import { sha256 } from '../../tasks/content-hash.ts';
import type { Forwarder, LabelEvent, PutResult } from '../../pipeline/destinations.ts';
import { type BatchCall, sendEntries, type SendOptions } from '../send-entries.ts';
import type { ForwardTarget } from './target.ts';

/** Builds a forwarder with a client of its own. */
export type OpenForwarder = (target: ForwardTarget, config: ClientSettings) => Forwarder;

/** Settings of a client besides its Region, which is that of the target. */
export interface ClientSettings {
  readonly maxAttempts?: number;
  /** HTTP/1, and connections that clients share. */
  readonly requestHandler?: DynamoDBClient['config']['requestHandler'];
}

/** How a service takes events. */
export interface EventCall<Entry> extends Omit<BatchCall<Entry>, 'code'> {
  /** The most bytes of one entry: a larger one is rejected without being sent. */
  readonly maxEntryBytes: number;
  toEntry(event: LabelEvent): Entry;
}

/** Forwards events with a batch operation of AWS. */
export const batchForwarder = <Entry>(call: EventCall<Entry>, rounds: SendOptions = {}): Forwarder => ({
  put: async (events, options = {}) => {
    const entries = events.map((event) => call.toEntry(event));
    const sizes = entries.map((entry) => call.bytesOf(entry));
    const isSendable = (_: unknown, index: number): boolean => (sizes[index] ?? 0) <= call.maxEntryBytes;
    const sent = await sendEntries(
      entries.filter(isSendable),
      { ...call, code: 'forward-refused' },
      options,
      rounds,
    );
    const results = sent.values();
    return sizes.map((bytes, index): PutResult =>
      isSendable(bytes, index) ? (results.next().value ?? unanswered(call)) : tooLarge(bytes, call),
    );
  },
});

const unanswered = ({ to }: { readonly to: string }): never => {
  throw new Error(`${to} gave fewer results than it was given events`);
};

const tooLarge = (
  bytes: number,
  { to, maxEntryBytes }: { readonly to: string; readonly maxEntryBytes: number },
): PutResult => ({
  kind: 'rejected',
  error: new PermanentError(
    'forward-refused',
    `the event of a label has ${bytes} bytes; ${to} takes ${maxEntryBytes}`,
  ),
});

/** An event as text, in which every character is one of XML's, as SQS requires: others are escaped. */
export const eventText = (event: object): string =>
  JSON.stringify(event).replaceAll(
    /[\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  );

/** Equal for events of one item, and of 64 characters whatever its key is like. */
export const orderKeyOf = ({ subject }: LabelEvent): string => sha256(subject);

/**
 * What a queue or topic with order drops as a duplicate, within five minutes: an event of the same change. The id alone
 * would drop the last of three events where an item's text changed, and then changed back.
 */
export const deduplicationIdOf = ({ id, time = '' }: LabelEvent): string => sha256(`${id} ${time}`);
