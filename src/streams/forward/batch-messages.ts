import { PermanentError } from '../../errors.ts';
import type { Forwarder, LabelEvent } from '../../pipeline/destinations.ts';
import type { EntryAnswer, SendOptions } from '../send-entries.ts';
import {
  batchForwarder,
  deduplicationIdOf,
  type EventCall,
  eventText,
  orderKeyOf,
} from './batch-forwarder.ts';

/** A message of a queue or topic. */
interface Message {
  readonly text: string;
  /** The events of an item, which a queue or topic with order delivers one after another. */
  readonly group: string;
  readonly deduplicationId: string;
}

const messageOf = (event: LabelEvent): Message => ({
  text: eventText(event),
  group: orderKeyOf(event),
  deduplicationId: deduplicationIdOf(event),
});

const bytesOfMessage = ({ text }: Message): number => Buffer.byteLength(text);

/** SQS and SNS take 10 messages in a call. */
const MAX_MESSAGES = 10;

/** What every entry of a call has, besides its text. */
const entryOf = ({ group, deduplicationId }: Message, index: number, isFifo: boolean) => ({
  Id: String(index),
  ...(isFifo && { MessageGroupId: group, MessageDeduplicationId: deduplicationId }),
});

/** Codes of messages that no retry resolves; those of keys and permissions are for an operator. */
const REFUSALS: readonly unknown[] = ['InvalidMessageContents', 'InvalidParameter', 'InvalidParameterValue'];

interface BatchAnswer {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined;
  readonly Failed?:
    readonly { readonly Id?: string | undefined; readonly Code?: string | undefined }[] | undefined;
}

/** One answer for each of `count` messages: the entries of an answer are in any order. */
const answersOf = (
  { Successful = [], Failed = [] }: BatchAnswer,
  count: number,
  to: string,
): readonly EntryAnswer[] => {
  const taken = new Set(Successful.map(({ Id }) => Id));
  const codes = new Map(Failed.map(({ Id, Code }) => [Id, Code ?? 'no code']));
  return Array.from({ length: count }, (_, index) => {
    const code = codes.get(String(index));
    if (code === undefined) return taken.has(String(index)) ? undefined : 'no answer';
    return REFUSALS.includes(code)
      ? new PermanentError('forward-refused', `${to} refused a message: ${code}`)
      : code;
  });
};

/** A message of a call: what every entry has, and its text, which each service names otherwise. */
export interface MessageEntry extends ReturnType<typeof entryOf> {
  readonly text: string;
}

/** How a service of messages takes them. */
export interface MessageCall extends Pick<EventCall<unknown>, 'call' | 'to' | 'maxBytes' | 'isRefusal'> {
  /** A queue or topic with order, on which an item is a message group. */
  readonly isFifo: boolean;
  send(
    entries: readonly MessageEntry[],
    options: { readonly abortSignal?: AbortSignal },
  ): Promise<BatchAnswer>;
}

/** Forwards events as messages; one may have as many bytes as a call. */
export const messageForwarder = (
  { isFifo, send, ...call }: MessageCall,
  rounds: SendOptions = {},
): Forwarder =>
  batchForwarder<Message>(
    {
      ...{ ...call, maxEntries: MAX_MESSAGES, maxEntryBytes: call.maxBytes },
      toEntry: messageOf,
      bytesOf: bytesOfMessage,
      ...(isFifo && { orderOf: ({ group }) => group }),
      send: async (messages, { signal }) => {
        const entries = messages.map((message, index) => ({
          ...entryOf(message, index, isFifo),
          text: message.text,
        }));
        const answer = await send(entries, signal === undefined ? {} : { abortSignal: signal });
        return answersOf(answer, messages.length, call.to);
      },
    },
    { concurrency: 8, ...rounds },
  );
