import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  TransactionConflictException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { must, TransientError } from '../errors.ts';
import { typeOf } from '../dynamodb-json/attributes.ts';
import { failure } from '../pipeline/outcome.ts';
import type { CallOptions, LabelStore, LabelWrite, WriteResult } from '../pipeline/destinations.ts';
import type { Held } from '../tasks/item-text.ts';
import { isSendable, labelsOnItem, lackedOf, requiredOf, staleOrDone } from './dynamodb/compare-and-set.ts';
import { countRetries } from './dynamodb/calls.ts';
import { placeholders } from './dynamodb/expressions.ts';
import { type Sender, sendInRounds } from './dynamodb/send-in-rounds.ts';
import { toWire, valueToWire } from './dynamodb/wire-format.ts';

export interface UpdateItemLabelsOptions {
  /** The table whose items are labelled. */
  readonly table: string;
  /** Concurrent `UpdateItem` calls. */
  readonly concurrency?: number;
  /** How often a write that conflicts with a transaction is tried before it counts as failed. */
  readonly attempts?: number;
  /** The longest pause before the second attempt, in ms; it doubles with every further one. */
  readonly pauseMs?: number;
}

/**
 * Labels on the items themselves, by compare-and-set: the labels of an item are written if it still holds the text
 * that was classified and names the same models, and does not already have all of the labels. The one condition covers
 * duplicates, reordering, retries and deletes; a deleted item does not meet it either, so none is ever created.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
 */
export const updateItemLabels = (
  client: DynamoDBClient,
  { table, concurrency = 32, attempts = 8, pauseMs = 50 }: UpdateItemLabelsOptions,
): LabelStore => {
  const what = `UpdateItem on ${table}`;

  /** One call. @returns undefined where the item is in a transaction, which the SDK does not wait for */
  const send = async (write: LabelWrite, options: CallOptions): Promise<WriteResult | undefined> => {
    const { signal } = options;
    try {
      const command = new UpdateItemCommand(compareAndSet(table, write));
      countRetries(await client.send(command, signal && { abortSignal: signal }), options);
      return { kind: 'labelled' };
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) {
        countRetries(cause, options);
        return staleOrDone(what, write, cause.Item);
      }
      if (cause instanceof TransactionConflictException) return undefined;
      throw cause;
    }
  };

  const put = async (write: LabelWrite, options: CallOptions): Promise<WriteResult> => {
    let result: WriteResult | undefined;
    const sender: Sender<LabelWrite> = {
      what,
      isSendable,
      send: async () => {
        result = await send(write, options);
        return { again: result === undefined ? [write] : [], reason: 'TransactionConflictException' };
      },
      fail: (_, error) => {
        result = failure(error);
      },
    };
    await sendInRounds([write], sender, { ...options, attempts, pauseMs });
    return result ?? failure(new TransientError(`${what} gave no result`));
  };
  return { put: (writes, options = {}) => pMap(writes, (write) => put(write, options), { concurrency }) };
};

const compareAndSet = (table: string, write: LabelWrite) => {
  const { item } = write.document;
  const holds = requiredOf(write);
  const changes = labelsOnItem(write);
  const { set, remove } = changes;
  const { name, path, value, ...expressions } = placeholders();
  const holding = (one: Held): string => {
    if (one.value === undefined) return `attribute_not_exists(${path(one.path)})`;
    const type = typeOf(one.value);
    // Not every DynamoDB compares lists and maps. Any list or map in place of a text is as invalid as this one.
    return type === 'L' || type === 'M'
      ? `attribute_type(${path(one.path)}, ${value({ S: type })})`
      : `${path(one.path)} = ${value(valueToWire(one.value))}`;
  };
  // A deleted item would meet a condition that only requires absent attributes.
  const isThere = holds.some((one) => one.value !== undefined)
    ? []
    : [`attribute_exists(${name(keyName(item))})`];
  const held = [...holds.map(holding), ...isThere].join(' AND ');
  const sets = set.map((one) => ({ ...one, to: value(valueToWire(one.value)) }));
  const placeholderOf = new Map(sets.map((one) => [one.name, one.to]));
  const present = lackedOf(write, changes).map(
    (mark) => `${name(mark.name)} = ${placeholderOf.get(mark.name)}`,
  );
  return {
    TableName: table,
    Key: toWire(item.keys),
    UpdateExpression: [
      ...(sets.length > 0 ? [`SET ${sets.map((one) => `${name(one.name)} = ${one.to}`).join(', ')}`] : []),
      ...(remove.length > 0 ? [`REMOVE ${remove.map(name).join(', ')}`] : []),
    ].join(' '),
    ConditionExpression: conditionOf(held, present, write.labels.length),
    ExpressionAttributeNames: expressions.ExpressionAttributeNames(),
    ...expressions.ExpressionAttributeValues(),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
};

/** One label has no parentheses, which the embedded DynamoDB is slow to read. */
const conditionOf = (held: string, present: readonly string[], labels: number): string => {
  if (present.length === 0) return held;
  return labels === 1
    ? present.map((mark) => `${held} AND NOT ${mark}`).join(' OR ')
    : `${held} AND NOT (${present.join(' AND ')})`;
};

const keyName = ({ keys }: LabelWrite['document']['item']): string =>
  must(Object.keys(keys)[0], 'key attribute of the item');
