import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { TransientError } from '../../errors.ts';
import type { Item } from './batch-write.ts';
import { inCalls } from './send-in-rounds.ts';

export interface ReadOptions {
  readonly table: string;
  /** Attributes to read besides the key; all of them, unless given. */
  readonly attributes?: readonly string[];
  /** Successive calls that read nothing, before it fails. */
  readonly attempts?: number;
  /** The longest pause after a call that left keys unread, in ms; it doubles with every further one. */
  readonly pauseMs?: number;
}

/** BatchGetItem accepts 100 keys in a call. */
const GET_SIZE = 100;

const MAX_PAUSE_MS = 5_000;

/** Concurrent `BatchGetItem` calls. */
const CONCURRENCY = 4;

/** Placeholders for names, because DynamoDB reserves some words. */
const projection = (names: readonly string[]) => ({
  ProjectionExpression: names.map((_, index) => `#n${index}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#n${index}`, name])),
});

/**
 * Reads items by their keys, eventually consistent: half a read unit for each item of up to 4 KB. Unprocessed keys are
 * retried after a pause with full jitter.
 *
 * @param keys all of them different, and of the same attributes
 * @returns one item per key, in the order of the keys; undefined where there is none
 * @throws TransientError where keys stay unprocessed; and the errors of DynamoDB
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 */
export const readItems = async (
  dynamodb: DynamoDBClient,
  { table, attributes, attempts = 10, pauseMs = 50 }: ReadOptions,
  keys: readonly Item[],
): Promise<readonly (Item | undefined)[]> => {
  const keyNames = Object.keys(keys[0] ?? {});
  const idOf = (item: Item): string => JSON.stringify(keyNames.map((name) => item[name]));
  const names = attributes && projection([...new Set([...keyNames, ...attributes])]);
  const items = new Map<string, Item>();

  const read = async (call: readonly Item[]): Promise<void> => {
    let left = [...call];
    let fruitless = 0;
    for (let calls = 0; left.length > 0; calls += 1) {
      if (fruitless === attempts)
        throw new TransientError(`table ${table} left ${left.length} items unread in ${attempts} attempts`);
      if (calls > 0) await sleep(Math.random() * Math.min(MAX_PAUSE_MS, pauseMs * 2 ** fruitless));
      const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys: left, ...names } } });
      const answer: BatchGetItemCommandOutput = await dynamodb.send(command);
      for (const item of answer.Responses?.[table] ?? []) items.set(idOf(item), item);
      const unread = answer.UnprocessedKeys?.[table]?.Keys ?? [];
      fruitless = unread.length < left.length ? 0 : fruitless + 1;
      left = unread;
    }
  };
  await pMap(inCalls(keys, GET_SIZE), read, { concurrency: CONCURRENCY });
  return keys.map((key) => items.get(idOf(key)));
};
