import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { sha256 } from '../../../tasks/content-hash.ts';
import { labelNames } from '../../../tasks/label-names.ts';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import { changeRecordJson } from '../../emulators/aws/native-fan-out.ts';
import type { Send } from './memory-dynamodb.ts';
import type { ItemWrite } from './memory-table.ts';
import { ITEM_POISON, type ItemPoison, type RecordPoison } from '../poison.ts';
import { READER, TOY } from './toy-models.ts';

/** The steps of a table's history. */
export type HistoryStep =
  /** The item is replaced, or inserted. */
  | { readonly kind: 'put'; readonly id: string; readonly text: string }
  /** Only the text is updated, so that the label of the old one remains; or the item is inserted. */
  | { readonly kind: 'edit'; readonly id: string; readonly text: string }
  /** The item is replaced by a question about a context. */
  | { readonly kind: 'ask'; readonly id: string; readonly question: string; readonly context: string }
  /** Only the question is updated, so that the answer to the old one remains; or the item is inserted. */
  | { readonly kind: 'reask'; readonly id: string; readonly question: string }
  /** The item names other models, or is inserted without a text. */
  | { readonly kind: 'route'; readonly id: string; readonly models: string }
  | { readonly kind: 'delete'; readonly id: string }
  /** Text and question are removed from the item, and nothing else. */
  | { readonly kind: 'untext'; readonly id: string }
  /** A user removes label and answer: to request a new one, or by mistake. */
  | { readonly kind: 'unlabel'; readonly id: string }
  /** A user sets the hash and the model by hand, and leaves neither a label nor an error. */
  | { readonly kind: 'forge'; readonly id: string; readonly text: string }
  /** The item is replaced by one that no model accepts. */
  | { readonly kind: 'spoil'; readonly id: string; readonly how: ItemPoison }
  /** The table does not change, but the stream gets unreadable data. */
  | { readonly kind: 'noise'; readonly how: RecordPoison }
  /** The table does not change, but another producer sends plain JSON: an older text, none, or no string. */
  | { readonly kind: 'plain'; readonly id: string; readonly text: string | number | undefined };

export type ItemStep = Exclude<HistoryStep, { kind: 'noise' | 'plain' }>;

/** Whether a step changes an item. */
export const isOfItem = (step: HistoryStep): step is ItemStep =>
  step.kind !== 'noise' && step.kind !== 'plain';

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
    case 'ask':
      return {
        ...keys,
        question: { S: step.question },
        context: { S: step.context },
        model_type: { S: READER.id },
      };
    case 'reask':
      return { ...keys, ...before, question: { S: step.question } };
    case 'route':
      return { ...keys, ...before, model_type: { S: step.models } };
    case 'untext':
      return { ...keys, ...without(before, textAttribute, 'question') };
    case 'unlabel':
      return { ...keys, ...without(before, LABEL.label, ANSWER.label) };
    case 'forge':
      return {
        ...keys,
        ...without(before, LABEL.label, LABEL.error),
        [LABEL.hash]: { S: sha256(step.text) },
        [LABEL.model]: { S: TOY.id },
      };
    case 'spoil':
      return { ...keys, ...ITEM_POISON[step.how](textAttribute) };
    case 'delete':
      return undefined;
  }
};

const LABEL = labelNames(TOY.attribute);
const ANSWER = labelNames(READER.attribute);

const without = (item: Item = {}, ...names: readonly string[]): Item =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));

const command = (step: ItemStep, place: DocumentsPlace): object => {
  const { table: TableName, key, textAttribute } = place;
  const Key = { [key]: { S: step.id } };
  const update = (values: Readonly<Record<string, string>>, removed: readonly string[]) => {
    const names = [...Object.keys(values), ...removed];
    const placeholder = (name: string): string => `#${names.indexOf(name)}`;
    const sets = Object.keys(values).map((name, index) => `${placeholder(name)} = :${index}`);
    return new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression: [
        ...(sets.length > 0 ? [`SET ${sets.join(', ')}`] : []),
        ...(removed.length > 0 ? [`REMOVE ${removed.map(placeholder).join(', ')}`] : []),
      ].join(' '),
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [placeholder(name), name])),
      ...(sets.length > 0 && {
        ExpressionAttributeValues: Object.fromEntries(
          Object.values(values).map((S, index) => [`:${index}`, { S }]),
        ),
      }),
      ReturnValues: 'ALL_OLD',
    });
  };
  switch (step.kind) {
    case 'put':
    case 'ask':
    case 'spoil':
      return new PutItemCommand({
        TableName,
        Item: itemAfter(step, undefined, place),
        ReturnValues: 'ALL_OLD',
      });
    case 'edit':
      return update({ [textAttribute]: step.text }, []);
    case 'reask':
      return update({ question: step.question }, []);
    case 'route':
      return update({ model_type: step.models }, []);
    case 'untext':
      return update({}, [textAttribute, 'question']);
    case 'unlabel':
      return update({}, [LABEL.label, ANSWER.label]);
    case 'forge':
      return update({ [LABEL.hash]: sha256(step.text), [LABEL.model]: TOY.id }, [LABEL.label, LABEL.error]);
    case 'delete':
      return new DeleteItemCommand({ TableName, Key, ReturnValues: 'ALL_OLD' });
  }
};

/** Applies a step to the table. @returns the write; undefined where nothing changed: then the stream has no record */
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

/** The unit of a change record's time. */
export type Stamp = 'MICROSECOND' | 'MILLISECOND' | 'SECOND' | 'none' | 'future' | 'past';

const FAR_FUTURE_MICROS = 4e15;

/** The data of a write's change record, as Kinesis Data Streams for DynamoDB puts it into a stream. */
export const changeData = (
  { keys, before, after }: ItemWrite,
  table: string,
  createdMicros: number,
  stamp: Stamp = 'MICROSECOND',
): Uint8Array => {
  const record = JSON.parse(
    changeRecordJson({
      eventName: after === undefined ? 'REMOVE' : before === undefined ? 'INSERT' : 'MODIFY',
      ...{ table, keys },
      // Milliseconds read as microseconds are a time in 1970.
      createdMicros:
        stamp === 'future' ? FAR_FUTURE_MICROS : stamp === 'past' ? createdMicros / 1_000 : createdMicros,
      precision: stamp === 'MILLISECOND' ? stamp : 'MICROSECOND',
      ...(after && { newImage: after }),
      ...(before && { oldImage: before }),
    }),
  );
  const {
    ApproximateCreationDateTime: time,
    ApproximateCreationDateTimePrecision: _,
    ...dynamodb
  } = record.dynamodb;
  if (stamp === 'none') return Buffer.from(JSON.stringify({ ...record, dynamodb }));
  if (stamp !== 'SECOND') return Buffer.from(JSON.stringify(record));
  const seconds = { ApproximateCreationDateTime: Math.floor(time / 1e6) };
  return Buffer.from(JSON.stringify({ ...record, dynamodb: { ...dynamodb, ...seconds } }));
};

/** A producer's plain JSON of an item. */
export const plainData = (
  { id, text }: Extract<HistoryStep, { kind: 'plain' }>,
  { key, textAttribute }: DocumentsPlace,
): Uint8Array => Buffer.from(JSON.stringify({ [key]: id, [textAttribute]: text }));
