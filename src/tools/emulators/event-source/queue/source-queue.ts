import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { persistently } from '../persistently.ts';

/** The most messages of a call. */
const MOST = 10;

/** A queue as a mapping uses it; errors that pass are waited for. */
export interface SourceQueue {
  /** Up to `most` messages, as soon as there are any. */
  receive(most: number, waitSeconds: number, abortSignal: AbortSignal): Promise<readonly Message[]>;
  delete(messages: readonly Message[]): Promise<void>;
  show(messages: readonly Message[], afterSeconds: number): Promise<void>;
  /** How many messages there are, visible or not. */
  count(): Promise<number>;
}

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

const inTens = (messages: readonly Message[]): readonly (readonly Message[])[] =>
  Array.from({ length: Math.ceil(messages.length / MOST) }, (_, index) =>
    messages.slice(index * MOST, (index + 1) * MOST),
  );

export const sourceQueue = (sqs: SQSClient, QueueUrl: string): SourceQueue => ({
  receive: async (most, waitSeconds, abortSignal) => {
    const command = new ReceiveMessageCommand({
      ...{ QueueUrl, MaxNumberOfMessages: Math.min(MOST, most), WaitTimeSeconds: waitSeconds },
      ...{ MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] },
    });
    try {
      const { Messages = [] } = await persistently(() => sqs.send(command, { abortSignal }), { abortSignal });
      return Messages;
    } catch (error) {
      if (abortSignal.aborted) return [];
      throw error;
    }
  },
  delete: async (messages) => {
    for (const some of inTens(messages)) {
      const Entries = some.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await persistently(() => sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })));
    }
  },
  show: async (messages, afterSeconds) => {
    for (const some of inTens(messages)) {
      const Entries = some.map(({ ReceiptHandle }, index) => ({
        ...{ Id: String(index), ReceiptHandle, VisibilityTimeout: afterSeconds },
      }));
      await persistently(() => sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })));
    }
  },
  count: async () => {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...COUNTS] });
    const { Attributes = {} } = await persistently(() => sqs.send(command));
    return COUNTS.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
  },
});
