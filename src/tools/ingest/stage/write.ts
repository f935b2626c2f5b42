import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { batchWriter } from '../../../stores/dynamodb/batch-write.ts';
import type { Item } from './items.ts';
import { failedCall } from '../../aws-fault.ts';

export interface WriteOptions {
  readonly table: string;
  readonly keys: readonly string[];
}

/** Most `BatchWriteItem` calls under way at a time. */
const MOST_CALLS = 8;

/**
 * Writes items, 25 a call, and waits with growing pauses for what DynamoDB leaves undone. Throttling halves the calls
 * that are under way at a time; each chunk that goes through smoothly adds one again.
 *
 * @throws UserError when items are still undone after ten rounds
 */
export const itemWriter = (dynamodb: DynamoDBClient, { table, keys }: WriteOptions) => {
  let concurrency = MOST_CALLS;
  return async (items: readonly Item[]): Promise<void> => {
    let retries = 0;
    const write = batchWriter(dynamodb, { table, keys, concurrency, attempts: 10, pauseMs: 100 });
    const results = await write(items, { onRetry: (calls) => (retries += calls) });
    concurrency = retries > 0 ? Math.ceil(concurrency / 2) : Math.min(MOST_CALLS, concurrency + 1);
    for (const result of results) {
      if (result.ok) continue;
      // What AWS said is the cause of what the writer says.
      throw failedCall(`Writing to table ${table}`, result.error.cause ?? result.error);
    }
  };
};
