import { ChangeMessageVisibilityCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { transient } from '../aws-errors.ts';
import { errorName, TransientError } from '../errors.ts';
import type { MessageQueue } from '../pipeline/objects/object-runs.ts';

export interface SqsMessagesOptions {
  /** The queue's URL. */
  readonly url: string;
  /** Calls at a time. */
  readonly concurrency?: number;
}

/** Of a call. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const MOST_MESSAGES = 10;

/** The queue of a door. The client makes its own retries; a call with status 200 may have messages that failed. */
export const sqsMessages = (
  client: SQSClient,
  { url: QueueUrl, concurrency = 8 }: SqsMessagesOptions,
): MessageQueue => {
  const sendSome = async (bodies: readonly string[], abortSignal: AbortSignal | undefined): Promise<void> => {
    const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    const command = new SendMessageBatchCommand({ QueueUrl, Entries });
    const { Successful = [], Failed = [] } = await calling('SendMessageBatch', () =>
      client.send(command, abortSignal && { abortSignal }),
    );
    if (Successful.length === bodies.length) return;
    const codes = [...new Set(Failed.map(({ Code }) => Code))].join(', ');
    throw new TransientError(
      `SendMessageBatch did not take ${bodies.length - Successful.length} of ${bodies.length} messages: ${codes}`,
    );
  };
  return {
    send: async (bodies, signal) => {
      const calls = Array.from({ length: Math.ceil(bodies.length / MOST_MESSAGES) }, (_, call) =>
        bodies.slice(call * MOST_MESSAGES, (call + 1) * MOST_MESSAGES),
      );
      await pMap(calls, (some) => sendSome(some, signal), { concurrency });
    },
    delay: async (ReceiptHandle, VisibilityTimeout) => {
      const command = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout });
      await calling('ChangeMessageVisibility', () => client.send(command));
    },
  };
};

const calling = async <Answer>(operation: string, call: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await call();
  } catch (cause) {
    throw transient(`${operation} failed: ${errorName(cause)}`, cause);
  }
};
