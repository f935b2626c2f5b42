import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../stores/batch-write.ts';
import { changeRecordJson } from '../change-record.ts';
import type { Send } from './memory-dynamodb.ts';
import type { ItemWrite } from './memory-table.ts';
import { ITEM_POISON, type ItemPoison, type RecordPoison } from './poison.ts';

/** What happens to a table of documents, step by step. */
export type HistoryStep =
  /** The item is replaced, or inserted. */
  | { readonly kind: 'put'; readonly id: string; readonly text: string }
  /** The text alone is updated, so that the label of the old one stays behind; or the item is inserted. */
  | { readonly kind: 'edit'; readonly id: string; readonly text: string }
  /** The item asks for other models, or is inserted without a text. */
  | { readonly kind: 'route'; readonly id: string; readonly models: string }
  | { readonly kind: 'delete'; readonly id: string }
  /** The item is replaced by one that no model takes. */
  | { readonly kind: 'spoil'; readonly id: string; readonly how: ItemPoison }
  /** Nothing happens, but the stream gets data that nobody can read. */
  | { readonly kind: 'noise'; readonly how: RecordPoison };

export type ItemStep = Exclude<HistoryStep, { kind: 'noise' }>;

/** The table, and which of its attributes are the key and the text. */
export interface DocumentsPlace {
  readonly table: string;
  readonly key: string;
  readonly textAttribute: string;
}

/** The item that a step leaves behind. */
export const itemAfter = (
  step: ItemStep,
  before: Item | undefined,
  { key, textAttribute }: DocumentsPlace,
): Item | undefined => {
  const keys = { [key]: { S: step.id } };
  switch (step.kind) {
    case 'put':
      return { ...keys, [textAttribute]: { S: step.text } };
    case 'edit':
      return { ...keys, ...before, [textAttribute]: { S: step.text } };
    case 'route':
      return { ...keys, ...before, model_type: { S: step.models } };
    case 'spoil':
      return { ...keys, ...ITEM_POISON[step.how](textAttribute) };
    case 'delete':
      return undefined;
  }
};

const command = (step: ItemStep, place: DocumentsPlace): object => {
  const { table: TableName, key, textAttribute } = place;
  const Key = { [key]: { S: step.id } };
  const update = (name: string, S: string) =>
    new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression: 'SET #name = :value',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: { ':value': { S } },
      ReturnValues: 'ALL_OLD',
    });
  switch (step.kind) {
    case 'put':
    case 'spoil':
      return new PutItemCommand({
        TableName,
        Item: itemAfter(step, undefined, place),
        ReturnValues: 'ALL_OLD',
      });
    case 'edit':
      return update(textAttribute, step.text);
    case 'route':
      return update('model_type', step.models);
    case 'delete':
      return new DeleteItemCommand({ TableName, Key, ReturnValues: 'ALL_OLD' });
  }
};

/** Does a step for real. @returns the write; undefined where it changed nothing, of which no stream tells */
export const applyStep = async (
  send: Send,
  step: ItemStep,
  place: DocumentsPlace,
): Promise<ItemWrite | undefined> => {
  const { Attributes } = (await send(command(step, place))) as { readonly Attributes?: Item };
  const before = Attributes && Object.keys(Attributes).length > 0 ? Attributes : undefined;
  const after = itemAfter(step, before, place);
  const keys = { [place.key]: { S: step.id } };
  return sameItem(before, after) ? undefined : { keys, before, after };
};

const sameItem = (one: Item | undefined, other: Item | undefined): boolean => {
  const sorted = (item: Item = {}) =>
    JSON.stringify(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  return (one === undefined) === (other === undefined) && sorted(one) === sorted(other);
};

/** The data of a write's change record, as Kinesis Data Streams for DynamoDB puts it into a stream. */
export const changeData = (
  { keys, before, after }: ItemWrite,
  table: string,
  createdMicros: number,
  precision: 'MILLISECOND' | 'MICROSECOND' = 'MICROSECOND',
): Uint8Array =>
  Buffer.from(
    changeRecordJson({
      eventName: after === undefined ? 'REMOVE' : before === undefined ? 'INSERT' : 'MODIFY',
      ...{ table, keys, createdMicros, precision },
      ...(after && { newImage: after }),
      ...(before && { oldImage: before }),
    }),
  );
