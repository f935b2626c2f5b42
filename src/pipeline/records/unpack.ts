import { PermanentError } from '../../errors.ts';
import { innerRecords, isAggregate, MAX_RECORDS } from './aggregate.ts';
import type { StreamRecord } from './stream-record.ts';

/** What a producer put: a record of the stream, or one of those that a KPL aggregate, itself one record, holds. */
export interface UserRecord {
  /** The record of the stream that contains it: an aggregate is acknowledged or delivered again as a whole. */
  readonly record: StreamRecord;
  readonly shard: string;
  /** The stream's; within an aggregate followed by the index in it: `4965…#3`. */
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  /** Its data, or the error why it has none; undefined where it was left for the next delivery. */
  readonly content: Buffer | PermanentError | undefined;
}

export interface UnpackLimits {
  /** The most user records of a batch; no fewer than Lambda delivers in one. */
  readonly maxRecords?: number;
}

/**
 * The user records of a batch, in its order. A few kilobytes may hold thousands of them: the first record of the stream
 * that would exceed `maxRecords`, and all records after it, are left for the next delivery.
 */
export const unpack = (
  records: readonly StreamRecord[],
  { maxRecords = MAX_RECORDS }: UnpackLimits = {},
): readonly UserRecord[] => {
  const unpacked: UserRecord[] = [];
  let isFull = false;
  for (const record of records) {
    const { shard, sequenceNumber, partitionKey } = record;
    const own: readonly UserRecord[] = isFull ? [] : userRecords(record);
    isFull ||= unpacked.length > 0 && unpacked.length + own.length > maxRecords;
    if (isFull) unpacked.push({ record, shard, sequenceNumber, partitionKey, content: undefined });
    else for (const one of own) unpacked.push(one);
  }
  return unpacked;
};

const userRecords = (record: StreamRecord): readonly UserRecord[] => {
  const { shard, sequenceNumber, partitionKey, data } = record;
  try {
    const content = base64Bytes(data);
    if (!isAggregate(content)) return [{ record, shard, sequenceNumber, partitionKey, content }];
    return innerRecords(content).map((inner, index) => ({
      record,
      shard,
      sequenceNumber: `${sequenceNumber}#${index}`,
      partitionKey: inner.partitionKey,
      content: inner.data,
    }));
  } catch (content) {
    if (!(content instanceof PermanentError)) throw content;
    return [{ record, shard, sequenceNumber, partitionKey, content }];
  }
};

/** A user record as a record of its own, so that it can be stored and sent again without the rest of its aggregate. */
export const standalone = ({ record, content, ...own }: UserRecord): StreamRecord =>
  own.sequenceNumber === record.sequenceNumber || !Buffer.isBuffer(content)
    ? record
    : { ...own, data: content.toString('base64') };

/**
 * Decodes base64. Buffer.from skips invalid characters and stops at padding, so a wrong length shows that the input is
 * not base64.
 *
 * @throws PermanentError (`bad-base64`)
 */
export const base64Bytes = (data: string): Buffer => {
  const bytes = Buffer.from(data, 'base64');
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  if (data.length % 4 !== 0 || bytes.length !== (data.length / 4) * 3 - padding) {
    throw new PermanentError(
      'bad-base64',
      `data is not base64: ${data.length} characters decode to ${bytes.length} bytes`,
    );
  }
  return bytes;
};
