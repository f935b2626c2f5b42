import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import { errorName } from '../../errors.ts';
import type { Forwarder } from '../../pipeline/destinations.ts';
import type { SendOptions } from '../send-entries.ts';
import type { OpenForwarder } from './batch-forwarder.ts';
import { messageForwarder } from './batch-messages.ts';
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
  return messageForwarder(
    {
      ...{ call: 'PublishBatch', to: `topic ${name}`, maxBytes: MAX_BYTES, isFifo },
      send: (entries, options) => {
        const command = new PublishBatchCommand({
          TopicArn: arn,
          PublishBatchRequestEntries: entries.map(({ text, ...entry }) => ({ ...entry, Message: text })),
        });
        return client.send(command, options);
      },
      isRefusal: (error) => errorName(error).startsWith('BatchRequestTooLong'),
    },
    rounds,
  );
};

export const openSns: OpenForwarder = (target, config) =>
  snsForwarder(new SNSClient({ ...config, region: target.region }), target);
