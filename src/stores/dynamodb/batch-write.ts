import { type AttributeValue, BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { type PermanentError, TransientError } from '../../errors.ts';
import type { CallOptions } from '../../pipeline/destinations.ts';
import { isAttributeValue } from '../../dynamodb-json/attribute-value.ts';
import { countRetries } from './calls.ts';
import { inCalls, type Round, sendInRounds } from './send-in-rounds.ts';
import { fromWire } from './wire-format.ts';

export type Item = Record<string, AttributeValue>;

export interface BatchWriteOptions {
  readonly table: string;
  /** The table's key attributes: they identify the unprocessed items of an answer. */
  readonly keys: readonly string[];
  /** Concurrent `BatchWriteItem` calls. */
  readonly concurrency?: number;
  /** Rounds in which unprocessed items are sent again before they count as failed. */
  readonly attempts?: number;
  /** The longest pause before the second round, in ms; it doubles with every round. */
  readonly pauseMs?: number;
}

export type PutResult =
  { readonly ok: true } | { readonly ok: false; readonly error: PermanentError | TransientError };

/**
 * Puts items with `BatchWriteItem`, sends what DynamoDB leaves unprocessed again after a pause with full jitter, and
 * sends the items of a refused call one by one, so that only the items at fault are refused. Of items with the same key
 * in one call of this function the last one is written.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
 */
export const batchWriter = (
  client: DynamoDBClient,
  { table, keys, concurrency = 8, attempts = 8, pauseMs = 50 }: BatchWriteOptions,
) => {
  const keyOf = (item: Item): string => JSON.stringify(keys.map((key) => item[key]));

  /** Makes one call. @returns the unprocessed items */
  const send = async (items: readonly Item[], options: CallOptions): Promise<readonly Item[]> => {
    const RequestItems = { [table]: items.map((Item) => ({ PutRequest: { Item } })) };
    const command = new BatchWriteItemCommand({ RequestItems });
    const answer = await client.send(command, options.signal && { abortSignal: options.signal });
    countRetries(answer, options);
    const { UnprocessedItems } = answer;
    return (UnprocessedItems?.[table] ?? []).flatMap(({ PutRequest }) =>
      PutRequest?.Item ? [PutRequest.Item] : [],
    );
  };

  const sender = (results: Map<string, PutResult>, options: CallOptions) => ({
    what: `BatchWriteItem on ${table}`,
    isSendable: (item: Item) => Object.values(fromWire(item)).every(isAttributeValue),
    send: async (items: readonly Item[]): Promise<Round<Item>> => {
      const unprocessed = await send(items, options);
      const again = new Set(unprocessed.map(keyOf));
      for (const item of items) if (!again.has(keyOf(item))) results.set(keyOf(item), { ok: true });
      return { again: unprocessed, reason: 'unprocessed' };
    },
    fail: (items: readonly Item[], error: PermanentError | TransientError) => {
      for (const item of items) results.set(keyOf(item), { ok: false, error });
    },
  });

  /** One result per item, in the order of the items. */
  return async (items: readonly Item[], options: CallOptions = {}): Promise<readonly PutResult[]> => {
    const distinct = [...new Map(items.map((item) => [keyOf(item), item])).values()];
    const results = new Map<string, PutResult>();
    const calls = inCalls(distinct);
    const rounds = { ...options, attempts, pauseMs };
    await pMap(calls, (call) => sendInRounds(call, sender(results, options), rounds), { concurrency });
    const missing: PutResult = { ok: false, error: new TransientError(`an item for ${table} got no answer`) };
    return items.map((item) => results.get(keyOf(item)) ?? missing);
  };
};
