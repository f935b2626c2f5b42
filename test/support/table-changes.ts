import type { DynamoDbEvent, DynamoDbRecord } from '../../src/pipeline/records/dynamodb-event.ts';
import { TABLE } from './documents.ts';

export const SECONDS = 1_719_347_890;

export const sequenceNumber = (index: number): string =>
  `49650000000000000000${String(index).padStart(9, '0')}`;

type Change = Partial<Omit<DynamoDbRecord, 'dynamodb'>> & { readonly dynamodb?: DynamoDbRecord['dynamodb'] };

/** A record of a table's stream: the insert of an item with this id and text, unless told otherwise. */
export const tableChange = (
  id: string,
  text: string,
  { dynamodb, ...other }: Change = {},
): DynamoDbRecord => ({
  eventID: `event-${id}`,
  eventName: 'INSERT',
  awsRegion: 'us-east-1',
  eventSourceARN: `arn:aws:dynamodb:us-east-1:000000000000:table/${TABLE}/stream/2026-01-01T00:00:00.000`,
  ...other,
  dynamodb: {
    ApproximateCreationDateTime: SECONDS,
    Keys: { id: { S: id } },
    NewImage: { id: { S: id }, text: { S: text } },
    SizeBytes: 58,
    ...dynamodb,
  },
});

/** A Lambda event of these records, with ascending sequence numbers. */
export const dynamoDbEvent = (records: readonly DynamoDbRecord[]): DynamoDbEvent => ({
  Records: records.map((record, index) => ({
    ...record,
    dynamodb: { ...record.dynamodb, SequenceNumber: sequenceNumber(index) },
  })),
});
