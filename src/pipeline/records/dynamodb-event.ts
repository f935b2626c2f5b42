import type { RecordId } from './stream-record.ts';

/** The fields of Lambda's DynamoDB stream event that are used. */
export interface DynamoDbEvent {
  readonly Records: readonly DynamoDbRecord[];
}

export interface DynamoDbRecord {
  readonly awsRegion?: string;
  readonly eventID?: string;
  readonly eventName?: string;
  readonly eventSourceARN?: string;
  readonly userIdentity?: unknown;
  readonly dynamodb?: {
    /** Seconds since 1970. */
    readonly ApproximateCreationDateTime?: number;
    readonly Keys?: unknown;
    readonly NewImage?: unknown;
    readonly OldImage?: unknown;
    readonly SequenceNumber?: string;
    readonly SizeBytes?: number;
  };
}

/** A change of a table, from its stream. `shard` is `table/stream/label`: Lambda does not name the shard. */
export interface TableChange extends RecordId {
  readonly table: string;
  readonly record: DynamoDbRecord;
}

/**
 * The changes of a Lambda event, in its order.
 *
 * @throws TypeError where the event is not one of a DynamoDB stream: that is the caller's fault, not a record's
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
export const toTableChanges = ({ Records }: DynamoDbEvent): readonly TableChange[] => {
  if (!Array.isArray(Records))
    throw new TypeError('the event has no Records: expected an event of a DynamoDB stream');
  return (Records as DynamoDbEvent['Records']).map((record, index) => {
    const sequenceNumber = record.dynamodb?.SequenceNumber;
    // The name of the table is nowhere else.
    const [, shard, table] = /:table\/(([^/]+)\/stream\/.+)$/.exec(record.eventSourceARN ?? '') ?? [];
    if (typeof sequenceNumber !== 'string' || shard === undefined || table === undefined) {
      throw new TypeError(
        `Records[${index}] lacks dynamodb.SequenceNumber or a stream's eventSourceARN: expected a DynamoDB stream record`,
      );
    }
    return { shard, sequenceNumber, table, record };
  });
};
