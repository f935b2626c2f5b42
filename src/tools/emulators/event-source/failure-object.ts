import { randomUUID } from 'node:crypto';
import type { KinesisStreamEvent } from 'aws-lambda';
import type { FailureMessage } from './failure-message.ts';

/** The object for an on-failure destination in S3: the message, and the event that was to be delivered. */
export interface FailureObject {
  readonly key: string;
  readonly body: FailureMessage & {
    /** The event, as JSON: `JSON.parse(payload).Records`. */
    readonly payload: string;
  };
}

/**
 * The object that AWS writes to a bucket for a discarded batch, records included.
 *
 * @param mappingId the UUID of the event source mapping
 * @see https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html#kinesis-on-failure-destination-example-sns-sqs-s3
 */
export const failureObject = (
  message: FailureMessage,
  event: KinesisStreamEvent,
  mappingId: string,
): FailureObject => {
  const time = message.timestamp.slice(0, 19).replaceAll(':', '.');
  const day = time.slice(0, 10).replaceAll('-', '/');
  return {
    key: `aws/lambda/${mappingId}/${message.KinesisBatchInfo.shardId}/${day}/${time}-${randomUUID()}`,
    body: { ...message, payload: JSON.stringify(event) },
  };
};
