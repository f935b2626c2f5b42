import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { isNotFound } from '../../aws-fault.ts';
import { must } from '../../../errors.ts';

export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  /** When it was first sent, ISO 8601; absent where the queue does not say. */
  readonly sentAt?: string;
}

/** All visible messages of a queue, invisible to other consumers until this is disposed. */
export interface Messages extends AsyncDisposable {
  readonly messages: readonly QueueMessage[];
  /** About how many more are out of sight: an interrupted run's come back within `HIDDEN_SECONDS`. */
  readonly hidden: number;
  delete(message: QueueMessage): Promise<void>;
}

/** The visibility timeout of a message in work. */
export const HIDDEN_SECONDS = 300;

/**
 * Receives every message of a queue, once; those that are not deleted become visible again on disposal. A short poll
 * samples a subset of SQS's servers, so that an empty answer counts only in a long poll.
 *
 * @returns undefined where there is no such queue
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
export const takeMessages = async (sqs: SQSClient, name: string): Promise<Messages | undefined> => {
  const QueueUrl = await urlOf(sqs, name);
  if (QueueUrl === undefined) return undefined;
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessagesNotVisible'] }),
  );
  const taken = new Map<string, Omit<QueueMessage, 'id'> & { readonly ReceiptHandle: string }>();
  const receive = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: HIDDEN_SECONDS,
    WaitTimeSeconds: 2,
    MessageSystemAttributeNames: ['SentTimestamp'],
  });
  let isNews: boolean;
  do {
    const { Messages = [] } = await sqs.send(receive);
    const before = taken.size;
    for (const { MessageId, Body, ReceiptHandle, Attributes: system } of Messages) {
      const sent = system?.SentTimestamp;
      taken.set(must(MessageId, 'MessageId of a message'), {
        body: must(Body, 'Body of a message'),
        ReceiptHandle: must(ReceiptHandle, 'ReceiptHandle of a message'),
        ...(sent !== undefined && { sentAt: new Date(Number(sent)).toISOString() }),
      });
    }
    // If receiving all takes longer than the visibility timeout, messages are received again.
    isNews = taken.size > before;
  } while (isNews);
  return {
    messages: [...taken].map(([id, { ReceiptHandle: _, ...message }]) => ({ id, ...message })),
    hidden: Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0),
    delete: async ({ id }) => {
      const ReceiptHandle = taken.get(id)?.ReceiptHandle;
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      taken.delete(id);
    },
    [Symbol.asyncDispose]: async () => {
      await pMap(
        taken.values(),
        async ({ ReceiptHandle }) => {
          const show = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
          try {
            await sqs.send(show);
          } catch {
            // It becomes visible again when its visibility timeout ends.
          }
        },
        { concurrency: 8 },
      );
    },
  };
};

/** The URL of a queue; undefined where there is none. */
export const urlOf = async (sqs: SQSClient, QueueName: string): Promise<string | undefined> => {
  try {
    return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};
