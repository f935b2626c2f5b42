import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { failure } from '../pipeline/outcome.ts';
import type { CallOptions, LabelStore, LabelWrite, WriteResult } from '../pipeline/store.ts';
import { labelOnItem, staleOrDone } from './compare-and-set.ts';
import { countRetries } from './count-retries.ts';
import { fromDynamoDb } from './dynamodb-errors.ts';
import { documentPath } from './text-path.ts';
import { toWire } from './wire-format.ts';

export interface UpdateItemLabelsOptions {
  /** The table whose items are labelled. */
  readonly table: string;
  /** `UpdateItem` calls under way at a time. */
  readonly concurrency?: number;
}

/**
 * Labels on the items themselves, by compare-and-set: a label is written if the item still holds the text that was
 * classified and does not bear this label already. The one condition covers duplicates, reordering, retries and
 * deletes; an item that is gone fails it too, so none is ever created.
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
  const { document } = write;
  const text = documentPath(document.path);
  const held = `${text.expression} = :text`;
  const { label, score, model, hash } = labelOnItem(write);
  return {
    TableName: table,
    Key: toWire(document.item.keys),
    UpdateExpression: 'SET #label = :label, #score = :score, #model = :model, #hash = :hash',
    // Without parentheses, which the embedded DynamoDB is slow to read.
    ConditionExpression: `${held} AND NOT #hash = :hash OR ${held} AND NOT #model = :model`,
    ExpressionAttributeNames: {
      ...text.names,
      '#label': label.name,
      '#score': score.name,
      '#model': model.name,
      '#hash': hash.name,
    },
    ExpressionAttributeValues: {
      ':text': { S: document.stored },
      ':label': label.value,
      ':score': score.value,
      ':model': model.value,
      ':hash': hash.value,
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
};
