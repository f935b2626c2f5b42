import { createHash } from 'node:crypto';

const varint = (value: number): Buffer =>
  value < 0x80
    ? Buffer.of(value)
    : Buffer.concat([Buffer.of((value % 0x80) | 0x80), varint(Math.floor(value / 0x80))]);

const field = (number: number, value: number | Uint8Array): Buffer =>
  typeof value === 'number'
    ? Buffer.concat([varint(number * 8), varint(value)])
    : Buffer.concat([varint(number * 8 + 2), varint(value.length), value]);

const MAGIC = Buffer.of(0xf3, 0x89, 0x9a, 0xc2);

/** A message between the magic bytes and its MD5. */
export const sealed = (message: Uint8Array): Buffer =>
  Buffer.concat([MAGIC, message, createHash('md5').update(message).digest()]);

/**
 * One record of the stream with several user records, as the Kinesis Producer Library makes it.
 *
 * @see https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
 */
export const aggregate = (
  records: readonly { readonly partitionKey: string; readonly data: string | Uint8Array }[],
): Buffer => {
  const keys = [...new Set(records.map(({ partitionKey }) => partitionKey))];
  return sealed(
    Buffer.concat([
      ...keys.map((key) => field(1, Buffer.from(key))),
      ...records.map(({ partitionKey, data }) => {
        const key = field(1, keys.indexOf(partitionKey));
        return field(3, Buffer.concat([key, field(3, Buffer.from(data as string))]));
      }),
    ]),
  );
};
