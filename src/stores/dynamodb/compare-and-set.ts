import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { PermanentError } from '../../errors.ts';
import { isAttributeValue, isKeyValue } from '../../pipeline/records/attribute-value.ts';
import { valueAt } from '../../pipeline/records/attribute-path.ts';
import { type AttributeMap, attributeOf } from '../../pipeline/records/attributes.ts';
import { labelNames } from '../../pipeline/items/label-names.ts';
import type { Answer } from '../../tasks/model.ts';
import type { LabelWrite, ModelLabel, Refusal, WriteResult } from '../../pipeline/destinations.ts';
import { fromWire, labelList, scoreText, type WireItem } from './wire-format.ts';

/** Whether a write is of values that an item can hold. They were looked at when the record was read. */
export const isSendable = ({ document: { item, holds } }: LabelWrite): boolean =>
  Object.values(item.keys).every(isKeyValue) &&
  holds.every(({ value }) => value === undefined || isAttributeValue(value));

/** An attribute of an item and the value that it gets, or should hold. */
export interface NamedValue {
  readonly name: string;
  readonly value: AttributeValue;
}

/** What a write changes of an item. */
export interface LabelChanges {
  readonly set: readonly NamedValue[];
  /** Attributes that a label of another text or model may have left. What the item is like now, no record can tell. */
  readonly remove: readonly string[];
  /** An item that has all of these attributes has all that is to be written; none where something is taken away. */
  readonly marks: readonly NamedValue[];
}

/** What is to be written about a document as attributes of the item itself, under the prefixes of the models. */
export const labelsOnItem = ({ document, labels }: LabelWrite): LabelChanges => {
  const each = labels.map((label) => labelOnItem(label, document.hash));
  return {
    set: each.flatMap(({ set }) => set),
    remove: each.flatMap(({ remove }) => remove),
    marks: each.flatMap(({ marks }) => marks),
  };
};

/** A label, an error or the absence of both as attributes under the model's prefix. */
export const labelOnItem = ({ model, answer }: ModelLabel, hash: string): LabelChanges => {
  const names = labelNames(model.attribute);
  const marks =
    answer === undefined
      ? []
      : [
          markOf(answer, model.attribute),
          { name: names.model, value: { S: model.id } },
          { name: names.hash, value: { S: hash } },
        ];
  const set = [
    ...marks,
    ...(answer === undefined || 'error' in answer ? [] : extrasOf(answer, model.attribute)),
  ];
  return { set, remove: names.all.filter((name) => set.every((one) => one.name !== name)), marks };
};

const markOf = (answer: Answer | Refusal, prefix: string): NamedValue => {
  const { label, error } = labelNames(prefix);
  return 'error' in answer
    ? { name: error, value: { S: answer.error.code } }
    : { name: label, value: { S: answer.labels[0]?.label ?? '' } };
};

const extrasOf = ({ labels, by, truncated, listed }: Answer, prefix: string): readonly NamedValue[] => {
  const { score, optional } = labelNames(prefix);
  return [
    { name: score, value: { N: scoreText(labels[0]?.score ?? 0) } },
    ...(by === undefined ? [] : [{ name: optional.by, value: { S: by } }]),
    ...(truncated ? [{ name: optional.truncated, value: { BOOL: true } }] : []),
    ...(listed === undefined ? [] : [{ name: optional.listed, value: labelList(listed) }]),
  ];
};

/**
 * A failed condition is no failure: the labels are there already, or what they belong to is not there any more. Only
 * where neither is so, something else of the request cannot be met.
 *
 * @param what the call and the table, for the message
 * @param item the item whose condition failed; undefined where there is none, or DynamoDB does not give it
 */
export const staleOrDone = (what: string, write: LabelWrite, item: WireItem | undefined): WriteResult => {
  const held = fromWire(item ?? {});
  const { holds } = write.document;
  const isCurrent = holds.every(({ path, value }) => nameOf(valueAt(held, path)) === nameOf(value));
  if (item === undefined || !isCurrent) return { kind: 'superseded' };
  const { marks } = labelsOnItem(write);
  const isUnseen = (name: string): boolean => Object.hasOwn(item, name) && item[name] === undefined;
  const isDone = marks.every(
    ({ name, value }) =>
      isUnseen(name) || nameOf(attributeOf(held, name)) === nameOf(value as unknown as AttributeMap[string]),
  );
  if (isDone) return { kind: 'unchanged' };
  const message = `${what}: the item holds the text, but the condition failed; does its key have other attributes?`;
  return { kind: 'rejected', error: new PermanentError('write-refused', message) };
};

/** The order within a set means nothing. */
const nameOf = (value: AttributeMap[string] | undefined): string | undefined =>
  JSON.stringify(Array.isArray(value?.SS) ? { SS: value.SS.toSorted() } : value);
