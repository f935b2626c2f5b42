import type { _Record } from '@aws-sdk/client-kinesis';
import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import { must } from '../../../errors.ts';

/** A record as read from its shard. */
export interface ShardRecord {
  /** A decimal string of up to 56 digits; ascending within a shard. */
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** When Kinesis took it, in milliseconds since 1970. */
  readonly arrivedMs: number;
  /** When it was read, by the clock of `performance.now()`. */
  readonly readAt: number;
  /** What it adds to an event's JSON, in bytes. */
  readonly eventBytes: number;
}

/** Where a record comes from. */
export interface ShardSource {
  readonly shardId: string;
  readonly streamArn: string;
}

/** The limit of an invocation's payload, in bytes: base64 and envelope included. */
export const MAX_EVENT_BYTES = 6 * 1024 * 1024;

/** The bytes of an event without records. */
export const EMPTY_EVENT_BYTES = '{"Records":[]}'.length;

const eventRecord = (
  record: Omit<ShardRecord, 'eventBytes'>,
  { shardId, streamArn }: ShardSource,
): KinesisStreamRecord => ({
  kinesis: {
    kinesisSchemaVersion: '1.0',
    partitionKey: record.partitionKey,
    sequenceNumber: record.sequenceNumber,
    data: Buffer.from(record.data.buffer, record.data.byteOffset, record.data.byteLength).toString('base64'),
    approximateArrivalTimestamp: record.arrivedMs / 1000,
  },
  eventSource: 'aws:kinesis',
  eventVersion: '1.0',
  eventID: `${shardId}:${record.sequenceNumber}`,
  eventName: 'aws:kinesis:record',
  invokeIdentityArn: 'arn:aws:iam::000000000000:role/local',
  awsRegion: must(streamArn.split(':')[3], `region in ${streamArn}`),
  eventSourceARN: streamArn,
});

/** Reads what GetRecords returns of a shard. */
export const createRecordReader = (source: ShardSource): ((records: readonly _Record[]) => ShardRecord[]) => {
  const blank = { sequenceNumber: '', partitionKey: '', data: new Uint8Array(), arrivedMs: 0, readAt: 0 };
  // With the blank key's quotes and the blank timestamp in it, but no comma: a record counts two bytes too many.
  const envelopeBytes = JSON.stringify(eventRecord(blank, source)).length;
  return (records) => {
    const readAt = performance.now();
    return records.map((record) => {
      const sequenceNumber = must(record.SequenceNumber, 'SequenceNumber of a record');
      const partitionKey = must(record.PartitionKey, 'PartitionKey of a record');
      const data = must(record.Data, 'Data of a record');
      const arrivedMs = record.ApproximateArrivalTimestamp?.getTime() ?? Date.now();
      const eventBytes =
        envelopeBytes +
        2 * sequenceNumber.length +
        Buffer.byteLength(JSON.stringify(partitionKey)) +
        4 * Math.ceil(data.length / 3) +
        String(arrivedMs / 1000).length;
      return { sequenceNumber, partitionKey, data, arrivedMs, readAt, eventBytes };
    });
  };
};

/**
 * The event a function gets for these records.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export const kinesisEvent = (records: readonly ShardRecord[], source: ShardSource): KinesisStreamEvent => ({
  Records: records.map((record) => eventRecord(record, source)),
});
