import type { StreamRecord } from './stream-record.ts';

/** The fields of Lambda's Kinesis event that are used; others may be missing from a hand-made event. */
export interface KinesisEvent {
  readonly Records: readonly {
    readonly eventID?: string;
    readonly eventSourceARN?: string;
    readonly kinesis?: {
      readonly data?: string;
      readonly sequenceNumber?: string;
      readonly partitionKey?: string;
      /** Seconds since 1970. */
      readonly approximateArrivalTimestamp?: number;
    };
  }[];
}

/**
 * The records of a Lambda event, in its order.
 *
 * @throws TypeError where the event is not a Kinesis event: that is the caller's fault, not a record's
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export const toStreamRecords = ({ Records }: KinesisEvent): readonly StreamRecord[] => {
  if (!Array.isArray(Records))
    throw new TypeError('the event has no Records: expected an event of a Kinesis stream');
  return (Records as KinesisEvent['Records']).map(
    ({ kinesis, eventID = 'unknown-shard', eventSourceARN = 'unknown-stream' }, index) => {
      if (typeof kinesis?.data !== 'string' || typeof kinesis.sequenceNumber !== 'string') {
        throw new TypeError(
          `Records[${index}] lacks kinesis.data or kinesis.sequenceNumber: expected a Kinesis record`,
        );
      }
      const stream = eventSourceARN.slice(eventSourceARN.lastIndexOf('/') + 1);
      const shard = eventID.split(':', 1)[0];
      return {
        shard: `${stream}/${shard}`,
        sequenceNumber: kinesis.sequenceNumber,
        partitionKey: kinesis.partitionKey ?? '',
        data: kinesis.data,
        arrivedMs:
          kinesis.approximateArrivalTimestamp === undefined
            ? undefined
            : kinesis.approximateArrivalTimestamp * 1000,
      };
    },
  );
};
