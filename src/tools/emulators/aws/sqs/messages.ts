import { invalidValue } from './errors.ts';
import { type Input, messageAttributesIn, namesIn, numberIn, textIn } from './input.ts';
import { type MessageAttributes, md5, md5OfAttributes, type StoredMessage } from './message.ts';
import { ACCOUNT, type Operation, queueOf } from './operation.ts';
import type { Queue } from './queue.ts';

const MOST_VISIBILITY_SECONDS = 43_200;

const checkBody = (queue: Queue, body: string): string => {
  if (Buffer.byteLength(body) <= queue.seconds('MaximumMessageSize')) return body;
  throw invalidValue(
    `One or more parameters are invalid. Reason: Message must be shorter than ${queue.seconds('MaximumMessageSize')} bytes.`,
  );
};

export const send = (queue: Queue, input: Input) => {
  const attributes: MessageAttributes = messageAttributesIn(input);
  const delay = numberIn(input, 'DelaySeconds', 0, 900);
  const message = queue.send(checkBody(queue, textIn(input, 'MessageBody')), attributes, delay);
  return {
    MessageId: message.id,
    MD5OfMessageBody: md5(message.body),
    ...(Object.keys(attributes).length > 0 && { MD5OfMessageAttributes: md5OfAttributes(attributes) }),
  };
};

const systemAttributes = (message: StoredMessage, names: readonly string[]) => {
  const all: Readonly<Record<string, string | undefined>> = {
    SenderId: ACCOUNT,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    DeadLetterQueueSourceArn: message.deadLetterSource,
  };
  const wanted = Object.entries(all).filter(
    ([name, value]) => value !== undefined && (names.includes('All') || names.includes(name)),
  );
  return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
};

const ownAttributes = ({ attributes }: StoredMessage, names: readonly string[]) => {
  const isWanted = (name: string): boolean =>
    names.some(
      (one) => one === 'All' || one === name || (one.endsWith('.*') && name.startsWith(one.slice(0, -2))),
    );
  const wanted = Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
  return Object.keys(wanted).length === 0
    ? {}
    : { MessageAttributes: wanted, MD5OfMessageAttributes: md5OfAttributes(wanted) };
};

export const receive: Operation = async (world, call) => {
  const queue = queueOf(world, call);
  const { input, signal } = call;
  const most = numberIn(input, 'MaxNumberOfMessages', 1, 10) ?? 1;
  const wait = numberIn(input, 'WaitTimeSeconds', 0, 20) ?? queue.seconds('ReceiveMessageWaitTimeSeconds');
  const visibility =
    numberIn(input, 'VisibilityTimeout', 0, MOST_VISIBILITY_SECONDS) ?? queue.seconds('VisibilityTimeout');
  const until = performance.now() + wait * 1_000;
  let taken = queue.take(most, visibility);
  // Nobody would get what is taken for a caller that has gone.
  const isGone = (): boolean => signal.aborted;
  while (taken.length === 0 && performance.now() < until && !isGone()) {
    await queue.wait((until - performance.now()) / 1_000, signal);
    if (!isGone()) taken = queue.take(most, visibility);
  }
  const system = namesIn(input, 'AttributeNames', 'MessageSystemAttributeNames');
  const own = namesIn(input, 'MessageAttributeNames');
  const messages = taken.map((message) => ({
    ...{ MessageId: message.id, ReceiptHandle: message.handle },
    ...{ Body: message.body, MD5OfBody: md5(message.body) },
    ...systemAttributes(message, system),
    ...ownAttributes(message, own),
  }));
  return messages.length === 0 ? {} : { Messages: messages };
};

export const remove = (queue: Queue, input: Input): object => {
  queue.delete(textIn(input, 'ReceiptHandle'));
  return {};
};

export const changeVisibility = (queue: Queue, input: Input): object => {
  const seconds = numberIn(input, 'VisibilityTimeout', 0, MOST_VISIBILITY_SECONDS);
  if (seconds === undefined) throw invalidValue('The request must contain the parameter VisibilityTimeout.');
  queue.changeVisibility(textIn(input, 'ReceiptHandle'), seconds);
  return {};
};
