import { createHash } from 'node:crypto';
import { PermanentError } from '../../errors.ts';
import { type Field, fieldsOf } from '../../protobuf.ts';

/** One of the records within an aggregate. */
export interface InnerRecord {
  readonly partitionKey: string;
  /** A view into the aggregate. */
  readonly data: Buffer;
}

const MAGIC = Buffer.of(0xf3, 0x89, 0x9a, 0xc2);
const MD5_BYTES = 16;

/** As many as Lambda delivers in a batch. The library's own default limit is 50 KB an aggregate. */
export const MAX_RECORDS = 10_000;

/** Field numbers of the messages AggregatedRecord and Record. */
const PARTITION_KEY_TABLE = 1;
const RECORDS = 3;
const PARTITION_KEY_INDEX = 1;
const DATA = 3;

/** Whether bytes are records that the Kinesis Producer Library put into one. */
export const isAggregate = (bytes: Buffer): boolean =>
  bytes[0] === MAGIC[0] && bytes.subarray(0, MAGIC.length).equals(MAGIC);

/**
 * The records within an aggregate: magic bytes, an AggregatedRecord in Protocol Buffers and its MD5. Read by hand,
 * because `aws-kinesis-agg` brings protobufjs, an old `async` and an HTTP agent along for two messages.
 *
 * @throws PermanentError (`bad-aggregate`) for the whole of it: none of its records can be trusted
 * @see https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
 */
export const innerRecords = (aggregate: Buffer): readonly InnerRecord[] => {
  const message = aggregate.subarray(MAGIC.length, -MD5_BYTES);
  const md5 = createHash('md5').update(message).digest();
  if (aggregate.length < MAGIC.length + MD5_BYTES || !md5.equals(aggregate.subarray(-MD5_BYTES)))
    throw bad(aggregate, 'its MD5 is not that of its records');
  const { keys, records } = partsOf(aggregate, message);
  if (records.length > MAX_RECORDS) throw bad(aggregate, `it holds more than ${MAX_RECORDS} records`);
  if (records.length > 0) return inside(aggregate, () => records.map((field) => innerRecord(field, keys)));
  throw bad(aggregate, 'it holds no record');
};

/** The partition keys and the first records of an aggregate, one more than it may have. */
const partsOf = (aggregate: Buffer, message: Buffer) =>
  inside(aggregate, () => {
    const keys: string[] = [];
    const records: Field[] = [];
    for (const field of fieldsOf(message)) {
      if (field.number === PARTITION_KEY_TABLE) keys.push(text(field));
      if (field.number === RECORDS) records.push(field);
      if (records.length > MAX_RECORDS) break;
    }
    return { keys, records };
  });

/** Any error in an aggregate is an error of the whole aggregate. */
const inside = <Result>(aggregate: Buffer, read: () => Result): Result => {
  try {
    return read();
  } catch (cause) {
    throw bad(aggregate, (cause as RangeError).message, { cause });
  }
};

const innerRecord = (record: Field, keys: readonly string[]): InnerRecord => {
  let key: Field['value'] | undefined;
  let data: Field | undefined;
  // Where a field is repeated, the last one counts. The others are not stored: there may be half a million.
  for (const field of fieldsOf(bytes(record))) {
    if (field.number === PARTITION_KEY_INDEX) key = field.value;
    if (field.number === DATA) data = field;
  }
  const partitionKey = typeof key === 'number' ? keys[key] : undefined;
  if (partitionKey === undefined) throw new RangeError('a record has no partition key');
  if (data === undefined) throw new RangeError('a record has no data');
  return { partitionKey, data: bytes(data) };
};

const bytes = ({ number, value }: Field): Buffer => {
  if (typeof value === 'number') throw new RangeError(`field ${number} is a number`);
  return value;
};

const text = (field: Field): string => bytes(field).toString('utf8');

const bad = (aggregate: Buffer, what: string, options?: ErrorOptions): PermanentError =>
  new PermanentError(
    'bad-aggregate',
    `data (${aggregate.length} bytes) should be a KPL aggregate, but ${what}`,
    options,
  );
