import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { errorName } from '../../errors.ts';
import type { Forwarder } from '../../pipeline/destinations.ts';
import type { SendOptions } from '../send-entries.ts';
import { batchForwarder, type OpenForwarder } from './batch-forwarder.ts';
import {
  answersOf,
  bytesOfMessage,
  entryOf,
  MAX_MESSAGES,
  type Message,
  messageOf,
} from './batch-messages.ts';
import type { ForwardTarget } from './target.ts';

/** SQS takes 1 MiB in a call, and in a message. */
const MAX_BYTES = 1_048_576;

const REFUSALS = ['BatchRequestTooLong', 'InvalidMessageContents'];

/**
 * Events as messages of a queue. On a queue with order (`.fifo`) an item is a message group.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
 */
export const sqsForwarder = (
  client: SQSClient,
  target: ForwardTarget,
  rounds: SendOptions = {},
): Forwarder => {
  const { name, isFifo } = target;
  const to = `queue ${name}`;
  return batchForwarder<Message>(
    {
      ...{ call: 'SendMessageBatch', to, maxEntries: MAX_MESSAGES },
      ...{ maxBytes: MAX_BYTES, maxEntryBytes: MAX_BYTES },
      toEntry: messageOf,
      bytesOf: bytesOfMessage,
      ...(isFifo && { orderOf: ({ group }) => group }),
      send: async (messages, { signal }) => {
        const command = new SendMessageBatchCommand({
          QueueUrl: queueUrlOf(target),
          Entries: messages.map((message, index) => ({
            ...entryOf(message, index, isFifo),
            MessageBody: message.text,
          })),
        });
        const answer = await client.send(command, signal && { abortSignal: signal });
        return answersOf(answer, messages.length, to);
      },
      isRefusal: (error) => REFUSALS.some((refusal) => errorName(error).endsWith(refusal)),
    },
    { concurrency: 8, ...rounds },
  );
};

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html */
const queueUrlOf = ({ partition, region, account, name }: ForwardTarget): string =>
  `https://sqs.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}/${account}/${name}`;

export const openSqs: OpenForwarder = (target, config) =>
  // The URL names the queue; where calls go is decided as for every other service.
  sqsForwarder(new SQSClient({ ...config, region: target.region, useQueueUrlAsEndpoint: false }), target);
