import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { errorName } from '../../errors.ts';
import type { Forwarder } from '../../pipeline/destinations.ts';
import type { SendOptions } from '../send-entries.ts';
import type { OpenForwarder } from './batch-forwarder.ts';
import { messageForwarder } from './batch-messages.ts';
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
  return messageForwarder(
    {
      ...{ call: 'SendMessageBatch', to: `queue ${name}`, maxBytes: MAX_BYTES, isFifo },
      send: (entries, options) => {
        const command = new SendMessageBatchCommand({
          QueueUrl: queueUrlOf(target),
          Entries: entries.map(({ text, ...entry }) => ({ ...entry, MessageBody: text })),
        });
        return client.send(command, options);
      },
      isRefusal: (error) => REFUSALS.some((refusal) => errorName(error).endsWith(refusal)),
    },
    rounds,
  );
};

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html */
const queueUrlOf = ({ partition, region, account, name }: ForwardTarget): string =>
  `https://sqs.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}/${account}/${name}`;

export const openSqs: OpenForwarder = (target, config) =>
  // The URL names the queue; where calls go is decided as for every other service.
  sqsForwarder(new SQSClient({ ...config, region: target.region, useQueueUrlAsEndpoint: false }), target);
