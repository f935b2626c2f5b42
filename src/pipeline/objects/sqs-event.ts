import { isObject } from '../../dynamodb-json/attributes.ts';

/** A message as its queue delivers it. */
export interface QueuedMessage {
  readonly id: string;
  readonly body: string;
  /** Of this delivery, for calls about it. */
  readonly receipt: string;
  /** How often it was delivered, this time included. */
  readonly receives: number;
}

/**
 * The messages of an event of SQS; none where it is another event.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export const toMessages = (event: unknown): readonly QueuedMessage[] =>
  isObject(event) && Array.isArray(event.Records) ? event.Records.flatMap(toMessage) : [];

const toMessage = (record: unknown): readonly QueuedMessage[] => {
  if (!isObject(record) || typeof record.messageId !== 'string') return [];
  const { messageId: id, body, receiptHandle, attributes } = record;
  const receives = Number(isObject(attributes) ? attributes.ApproximateReceiveCount : 1);
  return [
    {
      id,
      body: String(body),
      receipt: String(receiptHandle),
      receives: Number.isSafeInteger(receives) && receives > 0 ? receives : 1,
    },
  ];
};
