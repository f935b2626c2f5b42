import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { batchWriter } from '../../../stores/dynamodb/batch-write.ts';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import { failedCall } from '../../aws-fault.ts';

export interface WriteOptions {
  readonly table: string;
  readonly keys: readonly string[];
}

/** The maximum number of concurrent `BatchWriteItem` calls. */
const MOST_CALLS = 8;

/**
 * Writes items, 25 a call, and retries unprocessed items with growing pauses. Throttling halves the number of
 * concurrent calls; each chunk without throttling adds one again.
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
      // AWS's error is the cause of the writer's error.
      throw failedCall(`Writing to table ${table}`, result.error.cause ?? result.error);
    }
  };
};
