import { changeRecordJson, type ItemChange } from '../../src/tools/emulators/aws/native-fan-out.ts';
import type { StreamRecord } from '../../src/pipeline/records/stream-record.ts';
import { TABLE } from './documents.ts';

export const base64 = (data: string | Uint8Array): string => Buffer.from(data as string).toString('base64');

/** The data of a native change record: an INSERT of an item with this id and text, unless told otherwise. */
export const change = (id: string, text: string | undefined, other: Partial<ItemChange> = {}): string =>
  base64(
    changeRecordJson({
      eventName: 'INSERT',
      table: TABLE,
      keys: { id: { S: id } },
      newImage: { id: { S: id }, ...(text !== undefined && { text: { S: text } }) },
      createdMicros: 1_719_347_890_250_647,
      ...other,
    }),
  );

/** A REMOVE, which has no new image. */
export const removal = (id: string, text: string, createdMicros = 1_719_347_890_250_647): string =>
  base64(
    changeRecordJson({
      eventName: 'REMOVE',
      table: TABLE,
      keys: { id: { S: id } },
      oldImage: { id: { S: id }, text: { S: text } },
      createdMicros,
    }),
  );

/** Records of one shard, in the order of the data. */
export const streamRecords = (datas: readonly string[]): readonly StreamRecord[] =>
  datas.map((data, index) => ({
    shard: 'changes/shardId-000000000000',
    sequenceNumber: `4965000000000000000000000000000000000000000000000${String(index).padStart(7, '0')}`,
    partitionKey: `partition-${index}`,
    data,
  }));

/** A Lambda event of these records. */
export const kinesisEvent = (datas: readonly string[]) => ({
  Records: streamRecords(datas).map(({ sequenceNumber, partitionKey, data }) => ({
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey,
      sequenceNumber,
      data,
      approximateArrivalTimestamp: 1_719_347_890.25,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `shardId-000000000000:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/classify-stream',
    awsRegion: 'us-east-1',
    eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/changes',
  })),
});
