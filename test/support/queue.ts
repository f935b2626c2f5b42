import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';

/** A queue in memory, the only one that every SQS client of this process finds. */
export const mockQueue = (name: string) => {
  const bodies = new Map<string, string>();
  const taken = new Set<string>();
  const sqs = mockClient(SQSClient);
  sqs.on(GetQueueUrlCommand).callsFake(({ QueueName }) => {
    if (QueueName === name) return { QueueUrl: `https://sqs/${name}` };
    throw Object.assign(new Error('The specified queue does not exist.'), { name: 'QueueDoesNotExist' });
  });
  sqs.on(GetQueueAttributesCommand).callsFake(() => ({
    Attributes: { ApproximateNumberOfMessagesNotVisible: String(taken.size) },
  }));
  sqs.on(ReceiveMessageCommand).callsFake(({ MaxNumberOfMessages }) => {
    const seen = [...bodies].filter(([id]) => !taken.has(id)).slice(0, MaxNumberOfMessages);
    for (const [id] of seen) taken.add(id);
    return { Messages: seen.map(([id, Body]) => ({ MessageId: id, Body, ReceiptHandle: `receipt-${id}` })) };
  });
  sqs.on(ChangeMessageVisibilityCommand).callsFake(({ ReceiptHandle }: { ReceiptHandle: string }) => {
    taken.delete(ReceiptHandle.slice('receipt-'.length));
    return {};
  });
  sqs.on(DeleteMessageCommand).callsFake(({ ReceiptHandle }: { ReceiptHandle: string }) => {
    bodies.delete(ReceiptHandle.slice('receipt-'.length));
    return {};
  });
  return {
    /** Message bodies by id. */
    bodies,
    /** Ids of messages that are out of sight. */
    taken,
    restore: () => sqs.restore(),
  };
};
