import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { PermanentError } from '../errors.ts';
import type { CallOptions, LabelStore, LabelWrite, WriteResult } from '../pipeline/store.ts';
import type { Item } from './batch-write.ts';
import { fromDynamoDb } from './dynamodb-errors.ts';
import { scoreText, toWire } from './wire-format.ts';

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
  const write = async (write: LabelWrite, { signal }: CallOptions): Promise<WriteResult> => {
    try {
      await client.send(
        new UpdateItemCommand(compareAndSet(table, write)),
        signal && { abortSignal: signal },
      );
      return { kind: 'labelled' };
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) return staleOrDone(write, cause.Item);
      const error = fromDynamoDb(`UpdateItem on ${table}`, cause);
      return error instanceof PermanentError ? { kind: 'rejected', error } : { kind: 'failed', error };
    }
  };
  return { put: (writes, options = {}) => pMap(writes, (one) => write(one, options), { concurrency }) };
};

const compareAndSet = (table: string, { document, label }: LabelWrite) => ({
  TableName: table,
  Key: toWire(document.item.keys),
  UpdateExpression: 'SET #label = :label, #score = :score, #model = :model, #hash = :hash',
  ConditionExpression: '#text = :text AND NOT #hash = :hash OR #text = :text AND NOT #model = :model',
  ExpressionAttributeNames: {
    '#text': document.attribute,
    '#label': document.model.attribute,
    '#score': `${document.model.attribute}_score`,
    '#model': `${document.model.attribute}_model`,
    '#hash': `${document.model.attribute}_hash`,
  },
  ExpressionAttributeValues: {
    ':text': { S: document.stored },
    ':label': { S: label.label },
    ':score': { N: scoreText(label.score) },
    ':model': { S: document.model.id },
    ':hash': { S: document.hash },
  },
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
});

/** A failed condition is no failure: the label is there already, or the text it belongs to is not there any more. */
const staleOrDone = ({ document }: LabelWrite, item: Item | undefined): WriteResult => {
  const current = item !== undefined && item[document.attribute]?.S === document.stored;
  return { kind: current ? 'unchanged' : 'superseded' };
};
