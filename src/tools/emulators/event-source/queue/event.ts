import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSMessageAttribute, SQSRecord } from 'aws-lambda';
import { must } from '../../../../errors.ts';

const attributeOf = ({
  DataType = '',
  StringValue,
  BinaryValue,
}: MessageAttributeValue): SQSMessageAttribute => ({
  ...(StringValue !== undefined && { stringValue: StringValue }),
  ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
  stringListValues: [],
  binaryListValues: [],
  dataType: DataType,
});

const recordOf = (message: Message, queueArn: string): SQSRecord => ({
  messageId: must(message.MessageId, 'MessageId of a message'),
  receiptHandle: must(message.ReceiptHandle, 'ReceiptHandle of a message'),
  body: must(message.Body, 'Body of a message'),
  attributes: message.Attributes as unknown as SQSRecord['attributes'],
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, attributeOf(value)]),
  ),
  md5OfBody: must(message.MD5OfBody, 'MD5OfBody of a message'),
  eventSource: 'aws:sqs',
  eventSourceARN: queueArn,
  awsRegion: must(queueArn.split(':')[3], `region in ${queueArn}`),
});

/**
 * The event of a batch of messages.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export const sqsEvent = (messages: readonly Message[], queueArn: string): SQSEvent => ({
  Records: messages.map((message) => recordOf(message, queueArn)),
});
