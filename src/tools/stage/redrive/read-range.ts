import {
  type _Record,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { isNotFound } from '../../aws-fault.ts';

export interface ShardRange {
  readonly stream: string;
  readonly shardId: string;
  /** Sequence numbers; both ends are part of the range. */
  readonly start: string;
  readonly end: string;
}

// A call returns up to 10 MB on AWS; an emulator has no such limit, so the number of records is limited instead.
const PAGE_RECORDS = 500;

/**
 * The records that a stream still has of a range of a shard, page by page and in order: none after the retention
 * period, if the shard was deleted, or if the stream is another one of that name.
 *
 * @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html
 */
export async function* readRange(kinesis: KinesisClient, range: ShardRange): AsyncGenerator<_Record[]> {
  const end = BigInt(range.end);
  let last: string | undefined;
  let iterator = await openIterator(kinesis, range, last);
  while (iterator !== undefined) {
    const page = await readPage(kinesis, iterator, range.start === range.end ? 1 : PAGE_RECORDS);
    if (page === 'expired') {
      iterator = await openIterator(kinesis, range, last);
      continue;
    }
    const { Records = [], NextShardIterator, MillisBehindLatest } = page;
    const wanted = Records.filter(({ SequenceNumber = '0' }) => BigInt(SequenceNumber) <= end);
    last = wanted.at(-1)?.SequenceNumber ?? last;
    if (wanted.length > 0) yield wanted;
    if (last === range.end || wanted.length < Records.length) return;
    // AWS may answer with an empty page before the tip of the shard.
    if (Records.length === 0 && !MillisBehindLatest) return;
    iterator = NextShardIterator;
  }
}

/** The record with this sequence number, while the stream has it. */
export const readRecord = async (
  kinesis: KinesisClient,
  at: Omit<ShardRange, 'start' | 'end'>,
  sequenceNumber: string,
): Promise<_Record | undefined> => {
  if (!/^\d+$/.test(sequenceNumber)) return undefined;
  const range = { ...at, start: sequenceNumber, end: sequenceNumber };
  for await (const [record] of readRange(kinesis, range)) {
    if (record?.SequenceNumber === sequenceNumber) return record;
  }
  return undefined;
};

const openIterator = async (
  kinesis: KinesisClient,
  { stream, shardId, start }: ShardRange,
  last: string | undefined,
): Promise<string | undefined> => {
  const request = new GetShardIteratorCommand({
    StreamName: stream,
    ShardId: shardId,
    ShardIteratorType: last === undefined ? 'AT_SEQUENCE_NUMBER' : 'AFTER_SEQUENCE_NUMBER',
    StartingSequenceNumber: last ?? start,
  });
  try {
    return (await kinesis.send(request)).ShardIterator;
  } catch (error) {
    // The shard was deleted with its records, or the sequence number is not of this stream.
    if (isNotFound(error) || (error as Error).name === 'InvalidArgumentException') return undefined;
    throw error;
  }
};

const readPage = async (kinesis: KinesisClient, ShardIterator: string, Limit: number) => {
  try {
    return await kinesis.send(new GetRecordsCommand({ ShardIterator, Limit }));
  } catch (error) {
    // An iterator expires after five minutes, and the records of a page are put back before the next page is read.
    if ((error as Error).name === 'ExpiredIteratorException') return 'expired' as const;
    throw error;
  }
};
