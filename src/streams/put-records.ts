import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { errorName } from '../errors.ts';
import type { OutgoingRecord, RecordStream } from '../pipeline/destinations.ts';
import { type BatchCall, sendEntries, type SendOptions } from './send-entries.ts';

export interface StreamName {
  /** The stream's name. */
  readonly stream: string;
  /** Its ARN, for a stream of another account. */
  readonly streamArn?: string;
}

export type PutRecordsOptions = Pick<StreamName, 'stream'> & Omit<SendOptions, 'concurrency'>;

/** Kinesis accepts 500 records and 5 MiB in a call, the partition keys included. */
const MAX_RECORDS = 500;
const MAX_BYTES = 5 * 1024 * 1024;

/** Errors of a call that a record causes, such as a partition key of more than 256 characters. */
const REFUSALS = ['ValidationException', 'InvalidArgumentException', 'SerializationException'];

/**
 * The operation `PutRecords`, which keeps the order of the records of a partition key.
 *
 * @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
 */
export const putRecordsCall = (
  client: KinesisClient,
  { stream, streamArn }: StreamName,
): Omit<BatchCall<OutgoingRecord>, 'code'> => ({
  ...{ call: 'PutRecords', to: stream, maxEntries: MAX_RECORDS, maxBytes: MAX_BYTES },
  bytesOf: ({ partitionKey, data }) => data.length + Buffer.byteLength(partitionKey),
  orderOf: ({ partitionKey }) => partitionKey,
  send: async (records, { signal }) => {
    const command = new PutRecordsCommand({
      StreamName: stream,
      ...(streamArn !== undefined && { StreamARN: streamArn }),
      Records: records.map(({ partitionKey: PartitionKey, data: Data }) => ({ PartitionKey, Data })),
    });
    const answer = await client.send(command, signal && { abortSignal: signal });
    return records.map((_, index) => {
      const { SequenceNumber, ErrorCode } = answer.Records?.[index] ?? {};
      return SequenceNumber === undefined ? (ErrorCode ?? 'no answer') : ErrorCode;
    });
  },
  isRefusal: (error) => REFUSALS.includes(errorName(error)),
});

/** Puts records into a stream, those of a partition key in their order; calls are made one after another. */
export const putRecords = (client: KinesisClient, { stream, ...rounds }: PutRecordsOptions): RecordStream => {
  const batch = { ...putRecordsCall(client, { stream }), code: 'write-refused' as const };
  return { put: (records, options = {}) => sendEntries(records, batch, options, rounds) };
};
