import { hash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PermanentError, TransientError } from '../errors.ts';
import type { CallOptions, Reject, RejectStore } from '../pipeline/destinations.ts';
import { batchWriter, type Item } from './dynamodb/batch-write.ts';
import { expiryOf } from './dynamodb/wire-format.ts';

/** The key attributes of a rejects table: the record's shard and sequence number. */
export const REJECTS_TABLE_KEYS = ['shard', 'sequence_number'] as const;

export interface RejectsTableOptions {
  readonly table: string;
  /** Days that a reject is kept (`expires_at`, the table's TTL attribute); 0: forever. */
  readonly ttlDays?: number;
  /** The largest compressed payload that is kept whole, in bytes; a DynamoDB item holds 400 KB. */
  readonly maxPayloadBytes?: number;
  /** Now, in ms since 1970. */
  readonly now?: () => number;
}

/** Rejects that are compressed and written at a time, so that memory never holds those of a whole batch. */
const SLICE = 200;

/** The maximum length of a partition key. Partition keys within a KPL aggregate may be of any length. */
const MAX_PARTITION_KEY = 256;

/**
 * Rejects in a DynamoDB table, one item per record of the stream: the reason, and the record's data, gzip-compressed;
 * for data too large for an item its sha256, its size and its first kilobyte.
 */
export const rejectsTable = (
  client: DynamoDBClient,
  { table, ttlDays = 30, maxPayloadBytes = 350_000, now = Date.now }: RejectsTableOptions,
): RejectStore => {
  const write = batchWriter(client, { table, keys: REJECTS_TABLE_KEYS });

  /** @returns the errors of those that could not be stored */
  const putSlice = async (rejects: readonly Reject[], options: CallOptions) => {
    const seconds = Math.ceil(now() / 1000);
    const items = rejects.map((reject) => ({
      ...rejectItem(reject),
      ...payload(reject.data, maxPayloadBytes),
      rejected_at: { N: String(seconds) },
      ...expiryOf(ttlDays, seconds),
    }));
    const results = await write(items, options);
    return results.flatMap((result) => (result.ok ? [] : [result.error]));
  };

  return {
    put: async (rejects, options = {}) => {
      const failed: (PermanentError | TransientError)[] = [];
      for (let start = 0; start < rejects.length; start += SLICE) {
        failed.push(...(await putSlice(rejects.slice(start, start + SLICE), options)));
      }
      if (failed.length === 0) return;
      // A reject with an error that no wait resolves: then there is no use in waiting for the others.
      const lasting = failed.find((error) => error instanceof PermanentError || error.isLasting);
      const message = `${failed.length} of ${rejects.length} rejects could not be stored in ${table}`;
      throw new TransientError(message, {
        cause: lasting ?? failed[0],
        isLasting: lasting !== undefined,
      });
    },
  };
};

/** The data (base64, as delivered) that a reject's `payload` attribute holds. */
export const payloadData = (bytes: Uint8Array): string => gunzipSync(bytes).toString('utf8');

const rejectItem = ({ shard, sequenceNumber, partitionKey, error }: Reject): Item => ({
  shard: { S: shard },
  sequence_number: { S: sequenceNumber },
  partition_key: { S: partitionKey.slice(0, MAX_PARTITION_KEY).toWellFormed() },
  code: { S: error.code },
  reason: { S: error.message },
});

/** Most records are small, and gzip allocates 280 KB for each by default. */
const SMALL = { chunkSize: 512, memLevel: 1, windowBits: 12 };

const payload = (data: string, maxBytes: number): Item => {
  const compressed = gzipSync(data, data.length < 4_096 ? SMALL : {});
  // A copy: the buffer that gzip returns holds on to all of its working memory.
  if (compressed.length <= maxBytes) return { payload: { B: Buffer.from(compressed) } };
  return {
    payload_sha256: { S: hash('sha256', data, 'hex') },
    payload_bytes: { N: String(Buffer.byteLength(data)) },
    payload_head: { S: data.slice(0, 1024).toWellFormed() },
  };
};
