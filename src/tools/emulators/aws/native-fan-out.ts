import { randomUUID } from 'node:crypto';

type AttributeMap = Readonly<Record<string, object>>;

export interface ItemChange {
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly table: string;
  readonly keys: AttributeMap;
  readonly newImage?: AttributeMap;
  readonly oldImage?: AttributeMap;
  /** Microseconds since 1970. */
  readonly createdMicros: number;
  /** The unit in which the record gives the time. */
  readonly precision?: 'MILLISECOND' | 'MICROSECOND';
  readonly eventId?: string;
  /** A delete by the table's time to live names the service that made it. */
  readonly userIdentity?: { readonly type: string; readonly principalId: string } | null;
}

/**
 * The JSON that Kinesis Data Streams for DynamoDB puts into a stream for a change of an item.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_using-shards-and-metrics.html
 */
export const changeRecordJson = ({
  eventName,
  table,
  keys,
  newImage,
  oldImage,
  createdMicros,
  precision = 'MICROSECOND',
  eventId = randomUUID(),
  userIdentity = null,
}: ItemChange): string =>
  JSON.stringify({
    awsRegion: 'us-east-1',
    eventID: eventId,
    eventName,
    userIdentity,
    recordFormat: 'application/json',
    tableName: table,
    dynamodb: {
      ApproximateCreationDateTime:
        precision === 'MICROSECOND' ? createdMicros : Math.floor(createdMicros / 1000),
      Keys: keys,
      NewImage: newImage,
      OldImage: oldImage,
      SizeBytes: JSON.stringify([keys, newImage, oldImage]).length,
      ApproximateCreationDateTimePrecision: precision,
    },
    eventSource: 'aws:dynamodb',
  });
