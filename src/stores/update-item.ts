import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { failure } from '../pipeline/outcome.ts';
import type { CallOptions, LabelStore, LabelWrite, WriteResult } from '../pipeline/store.ts';
import { labelsOnItem, staleOrDone } from './compare-and-set.ts';
import { countRetries } from './count-retries.ts';
import { fromDynamoDb } from './dynamodb-errors.ts';
import { placeholders } from './placeholders.ts';
import { toWire } from './wire-format.ts';

export interface UpdateItemLabelsOptions {
  /** The table whose items are labelled. */
  readonly table: string;
  /** `UpdateItem` calls under way at a time. */
  readonly concurrency?: number;
}

/**
 * Labels on the items themselves, by compare-and-set: the labels of an item are written if it still holds the text
 * that was classified and asks for the same models, and does not bear all of them already. The one condition covers
 * duplicates, reordering, retries and deletes; an item that is gone fails it too, so none is ever created.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
 */
export const updateItemLabels = (
  client: DynamoDBClient,
  { table, concurrency = 32 }: UpdateItemLabelsOptions,
): LabelStore => {
  const write = async (write: LabelWrite, options: CallOptions): Promise<WriteResult> => {
    const { signal } = options;
    try {
      const answer = await client.send(
        new UpdateItemCommand(compareAndSet(table, write)),
        signal && { abortSignal: signal },
      );
      countRetries(answer, options);
      return { kind: 'labelled' };
    } catch (cause) {
      countRetries(cause, options);
      if (cause instanceof ConditionalCheckFailedException) return staleOrDone(write.document, cause.Item);
      return failure(fromDynamoDb(`UpdateItem on ${table}`, cause));
    }
  };
  return { put: (writes, options = {}) => pMap(writes, (one) => write(one, options), { concurrency }) };
};

const compareAndSet = (table: string, write: LabelWrite) => {
  const { item, holds } = write.document;
  const { set, remove, marks } = labelsOnItem(write);
  const { name, path, value, ...expressions } = placeholders();
  const held = holds
    .map((one) =>
      one.value === undefined
        ? `attribute_not_exists(${path(one.path)})`
        : `${path(one.path)} = ${value(one.value as unknown as AttributeValue)}`,
    )
    .join(' AND ');
  const sets = set.map((one) => ({ ...one, to: value(one.value) }));
  const placeholderOf = new Map(sets.map((one) => [one.name, one.to]));
  const borne = marks.map((mark) => `${name(mark.name)} = ${placeholderOf.get(mark.name)}`);
  return {
    TableName: table,
    Key: toWire(item.keys),
    UpdateExpression: [
      `SET ${sets.map((one) => `${name(one.name)} = ${one.to}`).join(', ')}`,
      ...(remove.length > 0 ? [`REMOVE ${remove.map(name).join(', ')}`] : []),
    ].join(' '),
    // One label has no parentheses, which the embedded DynamoDB is slow to read.
    ConditionExpression:
      write.labels.length === 1
        ? borne.map((mark) => `${held} AND NOT ${mark}`).join(' OR ')
        : `${held} AND NOT (${borne.join(' AND ')})`,
    ExpressionAttributeNames: expressions.ExpressionAttributeNames(),
    ExpressionAttributeValues: expressions.ExpressionAttributeValues(),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
};
