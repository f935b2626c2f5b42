import { PermanentError } from '../../errors.ts';
import type { LabelEvent } from '../../pipeline/destinations.ts';
import type { EntryAnswer } from '../send-entries.ts';
import { deduplicationIdOf, eventText, orderKeyOf } from './batch-forwarder.ts';

/** A message of a queue or topic. */
export interface Message {
  readonly text: string;
  /** The events of an item, which a queue or topic with order delivers one after another. */
  readonly group: string;
  readonly deduplicationId: string;
}

export const messageOf = (event: LabelEvent): Message => ({
  text: eventText(event),
  group: orderKeyOf(event),
  deduplicationId: deduplicationIdOf(event),
});

export const bytesOfMessage = ({ text }: Message): number => Buffer.byteLength(text);

/** SQS and SNS take 10 messages in a call. */
export const MAX_MESSAGES = 10;

/** What every entry of a call has, besides its text. */
export const entryOf = ({ group, deduplicationId }: Message, index: number, isFifo: boolean) => ({
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
export const answersOf = (
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
