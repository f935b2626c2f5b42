import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
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

/** SNS takes 256 KiB in a call, and in a message. */
const MAX_BYTES = 262_144;

/**
 * Events as messages of a topic. On a topic with order (`.fifo`) an item is a message group.
 *
 * @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
 */
export const snsForwarder = (
  client: SNSClient,
  { arn, name, isFifo }: ForwardTarget,
  rounds: SendOptions = {},
): Forwarder => {
  const to = `topic ${name}`;
  return batchForwarder<Message>(
    {
      ...{ call: 'PublishBatch', to, maxEntries: MAX_MESSAGES },
      ...{ maxBytes: MAX_BYTES, maxEntryBytes: MAX_BYTES },
      toEntry: messageOf,
      bytesOf: bytesOfMessage,
      ...(isFifo && { orderOf: ({ group }) => group }),
      send: async (messages, { signal }) => {
        const command = new PublishBatchCommand({
          TopicArn: arn,
          PublishBatchRequestEntries: messages.map((message, index) => ({
            ...entryOf(message, index, isFifo),
            Message: message.text,
          })),
        });
        const answer = await client.send(command, signal && { abortSignal: signal });
        return answersOf(answer, messages.length, to);
      },
      isRefusal: (error) => errorName(error).startsWith('BatchRequestTooLong'),
    },
    { concurrency: 8, ...rounds },
  );
};

export const openSns: OpenForwarder = (target, config) =>
  snsForwarder(new SNSClient({ ...config, region: target.region }), target);
