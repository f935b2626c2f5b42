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
}

/** All messages of a queue that can be seen, taken out of others' sight until this is disposed of. */
export interface Messages extends AsyncDisposable {
  readonly messages: readonly QueueMessage[];
  /** About how many more are out of sight: an interrupted run's come back within `HIDDEN_SECONDS`. */
  readonly hidden: number;
  delete(message: QueueMessage): Promise<void>;
}

/** For how long a message that is being dealt with is out of others' sight. */
export const HIDDEN_SECONDS = 300;

/**
 * Takes every message of a queue, once; those that are not deleted can be seen again after disposal. A queue answers
 * with a sample, so that "nothing" is believed when it says so in a long poll.
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
  const taken = new Map<string, { readonly body: string; readonly ReceiptHandle: string }>();
  const receive = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: HIDDEN_SECONDS,
    WaitTimeSeconds: 2,
  });
  let isNews: boolean;
  do {
    const { Messages = [] } = await sqs.send(receive);
    const before = taken.size;
    for (const { MessageId, Body, ReceiptHandle } of Messages) {
      taken.set(must(MessageId, 'MessageId of a message'), {
        body: must(Body, 'Body of a message'),
        ReceiptHandle: must(ReceiptHandle, 'ReceiptHandle of a message'),
      });
    }
    // Where taking them takes longer than they are hidden, they come round again.
    isNews = taken.size > before;
  } while (isNews);
  return {
    messages: [...taken].map(([id, { body }]) => ({ id, body })),
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
            // It can be seen again when its time is over.
          }
        },
        { concurrency: 8 },
      );
    },
  };
};

const urlOf = async (sqs: SQSClient, QueueName: string): Promise<string | undefined> => {
  try {
    return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};
