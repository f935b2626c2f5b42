import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { must } from '../../../errors.ts';
import { localRegion } from '../aws/aws-clients.ts';
import type { InvocationResult } from '../lambda/function.ts';

export interface QueueMappingOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly invoke: (event: unknown) => Promise<Pick<InvocationResult, 'payload' | 'functionError'>>;
  /** Messages of an invocation, and invocations at a time. */
  readonly batchSize: number;
  readonly maximumConcurrency: number;
}

export interface QueueMapping {
  /** Resolves when the queue has no message left, in sight or not; rejects where it cannot be read. */
  drained(): Promise<void>;
  /** Ends when what was received is answered. */
  stop(): Promise<void>;
}

/**
 * Invokes a function with the messages of a queue, and deletes those that its answer does not name: of an invocation that
 * fails, none.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export const startQueueMapping = (options: QueueMappingOptions): QueueMapping => {
  const { sqs, queueUrl: QueueUrl, maximumConcurrency, batchSize } = options;
  const ended = new AbortController();

  const work = async (messages: readonly Message[]): Promise<void> => {
    const { payload, functionError } = await options.invoke(eventOf(messages, options.queueArn));
    if (functionError !== undefined) return;
    const { batchItemFailures = [] } = (payload ?? {}) as Answer;
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const { MessageId, ReceiptHandle } of messages)
      if (!failed.has(must(MessageId, 'MessageId')))
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  };

  const poll = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const receive = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: batchSize,
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ['All'],
      });
      const { Messages = [] } = await sqs.send(receive);
      if (Messages.length > 0) await work(Messages);
    }
  };

  const polling = Promise.all(Array.from({ length: maximumConcurrency }, poll));
  // It is thrown to whoever waits.
  polling.catch(() => undefined);

  const isEmpty = async (): Promise<boolean> => {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return Object.values(Attributes).every((count) => count === '0');
  };

  const untilEmpty = async (): Promise<void> => {
    while (!(await isEmpty())) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  };

  return {
    drained: () => Promise.race([untilEmpty(), polling.then(() => undefined)]),
    stop: async () => {
      ended.abort();
      await polling;
    },
  };
};

/** Between two looks at whether a queue is empty. */
const PAUSE_MS = 50;

interface Answer {
  readonly batchItemFailures?: readonly { readonly itemIdentifier: string }[];
}

const eventOf = (messages: readonly Message[], eventSourceARN: string) => ({
  Records: messages.map(({ MessageId, ReceiptHandle, Body, Attributes, MD5OfBody }) => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes,
    messageAttributes: {},
    md5OfBody: MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion: localRegion(),
  })),
});
