import { hash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TransientError } from '../errors.ts';
import type { Reject, RejectStore } from '../pipeline/store.ts';
import { batchWriter, type Item } from './batch-write.ts';
import { expiryOf } from './wire-format.ts';

/** The key attributes of a rejects table: where in which stream the record was. */
export const REJECTS_TABLE_KEYS = ['shard', 'sequence_number'] as const;

export interface RejectsTableOptions {
  readonly table: string;
  /** Days that a reject is kept (`expires_at`, the table's TTL attribute); 0 keeps it for good. */
  readonly ttlDays?: number;
  /** The largest compressed payload that is kept whole, in bytes; a DynamoDB item holds 400 KB. */
  readonly maxPayloadBytes?: number;
  /** Now, in ms since 1970. */
  readonly now?: () => number;
}

/**
 * Rejects in a DynamoDB table, one item per record of the stream: the reason, and the record's data, gzip-compressed;
 * of data too large for an item its sha256, its size and its first kilobyte.
 */
export const rejectsTable = (
  client: DynamoDBClient,
  { table, ttlDays = 30, maxPayloadBytes = 350_000, now = Date.now }: RejectsTableOptions,
): RejectStore => {
  const write = batchWriter(client, { table, keys: REJECTS_TABLE_KEYS });
  return {
    put: async (rejects, options = {}) => {
      const seconds = Math.ceil(now() / 1000);
      const expiry = expiryOf(ttlDays, seconds);
      const items = rejects.map((reject) => ({
        ...rejectItem(reject),
        ...payload(reject.data, maxPayloadBytes),
        rejected_at: { N: String(seconds) },
        ...expiry,
      }));
      const results = await write(items, options);
      const failed = results.flatMap((result) => (result.ok ? [] : [result.error]));
      if (failed.length > 0) {
        throw new TransientError(
          `${failed.length} of ${rejects.length} rejects could not be stored in ${table}`,
          {
            cause: failed[0],
          },
        );
      }
    },
  };
};

/** The data (base64, as delivered) that a reject's `payload` attribute holds. */
export const payloadData = (bytes: Uint8Array): string => gunzipSync(bytes).toString('utf8');

const rejectItem = ({ shard, sequenceNumber, partitionKey, error }: Reject): Item => ({
  shard: { S: shard },
  sequence_number: { S: sequenceNumber },
  partition_key: { S: partitionKey },
  code: { S: error.code },
  reason: { S: error.message },
});

const payload = (data: string, maxBytes: number): Item => {
  const compressed = gzipSync(data);
  if (compressed.length <= maxBytes) return { payload: { B: compressed } };
  return {
    payload_sha256: { S: hash('sha256', data, 'hex') },
    payload_bytes: { N: String(Buffer.byteLength(data)) },
    payload_head: { S: data.slice(0, 1024).toWellFormed() },
  };
};
