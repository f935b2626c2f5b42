import { PermanentError } from '../../errors.ts';
import { type AttributeMap, isObject, itemName } from '../../dynamodb-json/attributes.ts';
import { sha256 } from '../../tasks/content-hash.ts';
import type { TableChange } from '../records/dynamodb-event.ts';
import type { OutgoingRecord } from '../destinations.ts';

/** Kinesis accepts records of 1 MiB, the partition key included, unless a stream is configured for more. */
const MAX_BYTES = 1024 * 1024;

/**
 * The record of a change in the Kinesis stream: what Kinesis Data Streams for DynamoDB would put there, plus the
 * stream's `SequenceNumber`, by which changes within one second are ordered. The stream's whole seconds become
 * milliseconds, the coarsest unit of native records, so that any reader of those reads the time correctly. The
 * partition key is a hash of the item's key: stable, and of 64 characters whatever the key is like.
 *
 * A change that is too large for a record is sent without its old image, which labelling does not use.
 *
 * @throws PermanentError (`bad-shape`, `record-too-large`)
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_gettingstarted.html
 */
export const changeRecordOf = ({ table, sequenceNumber, record }: TableChange): OutgoingRecord => {
  const { dynamodb = {}, awsRegion, eventID, eventName, userIdentity = null } = record;
  const { ApproximateCreationDateTime: seconds, Keys, NewImage, OldImage, SizeBytes } = dynamodb;
  if (!isObject(Keys) || Object.keys(Keys).length === 0)
    throw new PermanentError('bad-shape', 'dynamodb.Keys should be the key of the item');
  const partitionKey = sha256(itemName(table, Keys as AttributeMap));
  const outgoing = (oldImage: unknown): OutgoingRecord => ({
    partitionKey,
    data: Buffer.from(
      JSON.stringify({
        awsRegion,
        eventID,
        eventName,
        userIdentity,
        recordFormat: 'application/json',
        tableName: table,
        dynamodb: {
          ...(typeof seconds === 'number' && {
            ApproximateCreationDateTime: Math.round(seconds * 1000),
            ApproximateCreationDateTimePrecision: 'MILLISECOND',
          }),
          Keys,
          NewImage,
          OldImage: oldImage,
          SequenceNumber: sequenceNumber,
          SizeBytes,
        },
        eventSource: 'aws:dynamodb',
      }),
    ),
  });
  const whole = outgoing(OldImage);
  const fitting = isTooLarge(whole) ? outgoing(undefined) : whole;
  if (!isTooLarge(fitting)) return fitting;
  throw new PermanentError(
    'record-too-large',
    `the change has ${fitting.data.length} bytes without its old image; a Kinesis record holds ${MAX_BYTES}`,
  );
};

const isTooLarge = ({ partitionKey, data }: OutgoingRecord): boolean =>
  data.length + partitionKey.length > MAX_BYTES;
