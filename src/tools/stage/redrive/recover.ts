import { hash } from 'node:crypto';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { standalone, unpack } from '../../../pipeline/records/unpack.ts';
import type { OutgoingRecord } from '../../../pipeline/destinations.ts';
import { readRecord } from './read-range.ts';
import type { StoredReject } from './rejects.ts';

/** The record to put, or the reason why it cannot be recovered. */
export type Recovered = { readonly record: OutgoingRecord } | { readonly why: string };

/**
 * Recovers the record of a reject: from its stored data or, where that was too large to store, from the stream within
 * its retention period.
 *
 * @param stream the only stream that is read
 */
export const recover = async (
  kinesis: KinesisClient,
  stream: string,
  reject: StoredReject,
): Promise<Recovered> => {
  const { partitionKey } = reject;
  if (partitionKey === '') return { why: 'it has no partition key: no stream ever took it' };
  const data = reject.data ?? (await reread(kinesis, stream, reject));
  if (data === undefined) {
    return {
      why: `its data (${reject.payloadBytes} bytes) was too large to store, and the stream no longer has it`,
    };
  }
  const bytes = Buffer.from(data, 'base64');
  // Kinesis records are bytes: Lambda always delivers them as base64.
  if (bytes.toString('base64') !== data) return { why: 'its data is not base64: no stream ever held it' };
  return { record: { partitionKey, data: bytes } };
};

/** Data of a record of the stream, or of an inner record of a KPL aggregate (`4965…#3`), if it is the one rejected. */
const reread = async (
  kinesis: KinesisClient,
  stream: string,
  { shard, sequenceNumber, partitionKey, payloadSha256 }: StoredReject,
): Promise<string | undefined> => {
  const [from, shardId] = shard.split('/', 2);
  const [outer = ''] = sequenceNumber.split('#', 1);
  if (from !== stream || shardId === undefined) return undefined;
  const record = await readRecord(kinesis, { stream, shardId }, outer);
  if (record?.Data === undefined) return undefined;
  const whole = {
    shard,
    sequenceNumber: outer,
    partitionKey: record.PartitionKey ?? partitionKey,
    data: Buffer.from(record.Data).toString('base64'),
  };
  const candidates = outer === sequenceNumber ? [whole] : unpack([whole]).map(standalone);
  const found = candidates.find((candidate) => candidate.sequenceNumber === sequenceNumber);
  return found && hash('sha256', found.data, 'hex') === payloadSha256 ? found.data : undefined;
};
