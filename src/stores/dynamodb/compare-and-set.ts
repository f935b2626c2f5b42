import { must, PermanentError } from '../../errors.ts';
import { isAttributeValue, isKeyValue } from '../../dynamodb-json/attribute-value.ts';
import { valueAt } from '../../dynamodb-json/attribute-path.ts';
import { type AttributeMap, attributeOf } from '../../dynamodb-json/attributes.ts';
import type { Held } from '../../tasks/item-text.ts';
import { labelNames } from '../../tasks/label-names.ts';
import type { Answer } from '../../tasks/model.ts';
import type { LabelWrite, ModelLabel, Refusal, WriteResult } from '../../pipeline/destinations.ts';
import type { NamedValue, Task } from '../../tasks/task.ts';
import { taskOf } from '../../tasks/tasks.ts';
import { fromWire, type WireItem } from './wire-format.ts';

/** Whether a write has only values that an item can hold. */
export const isSendable = (write: LabelWrite): boolean =>
  Object.values(write.document.item.keys).every(isKeyValue) &&
  requiredOf(write).every(({ value }) => value === undefined || isAttributeValue(value));

/** What an item must hold for a write. */
export const requiredOf = ({ document: { holds, seen } }: LabelWrite): readonly Held[] =>
  seen === undefined ? holds : [...holds, ...seen];

/** The marks of which an item must lack one for a write; none where it must bear the label that was seen, another. */
export const lackedOf = (
  { document: { seen } }: LabelWrite,
  { marks }: LabelChanges,
): readonly NamedValue[] => (seen === undefined ? marks : []);

/** The changes that a write makes to an item. Values are DynamoDB JSON: see `toWire`. */
export interface LabelChanges {
  readonly set: readonly NamedValue[];
  /** Attributes that an earlier answer may have left: no record shows the item's current attributes. */
  readonly remove: readonly string[];
  /** An item with all of these attributes already has the labels; empty where labels are removed. */
  readonly marks: readonly NamedValue[];
}

/** A document's labels as attributes of the item itself, under the prefixes of the models. */
export const labelsOnItem = ({ document, labels }: LabelWrite): LabelChanges => {
  const each = labels.map((label) => labelOnItem(label, document.hash));
  return {
    set: each.flatMap(({ set }) => set),
    remove: each.flatMap(({ remove }) => remove),
    marks: each.flatMap(({ marks }) => marks),
  };
};

/** An answer, an error or the absence of both as attributes under the model's prefix. */
export const labelOnItem = ({ model, answer }: ModelLabel, hash: string): LabelChanges => {
  const task = taskOf(model);
  const names = labelNames(model.attribute);
  const [answered, ...extras] = attributesOf(answer, model.attribute, task);
  const marks =
    answered === undefined
      ? []
      : [answered, { name: names.model, value: { S: model.id } }, { name: names.hash, value: { S: hash } }];
  const set = [...marks, ...extras];
  const own = [...names.common, ...task.extras.map((extra) => names.optional[extra])];
  return { set, remove: own.filter((name) => set.every((one) => one.name !== name)), marks };
};

/** The answer or the error itself first; nothing where there is neither. */
const attributesOf = (answer: ModelLabel['answer'], prefix: string, task: Task): readonly NamedValue[] => {
  if (answer === undefined) return [];
  if (isRefusal(answer)) return [{ name: labelNames(prefix).error, value: { S: answer.error.code } }];
  const attributes = task.attributesOf(answer, prefix);
  must(attributes[0], 'attribute of an answer');
  return attributes;
};

const isRefusal = (answer: Answer | Refusal): answer is Refusal => 'error' in answer;

/**
 * The result of a write whose condition failed. That is no failure: the item already has the labels (`unchanged`), or
 * no longer holds the content or the label that was seen (`superseded`). If neither is true, the request is at fault.
 *
 * @param what the call and the table, for the message
 * @param item the item whose condition failed; undefined where it was deleted, or DynamoDB does not return it
 */
export const staleOrDone = (what: string, write: LabelWrite, item: WireItem | undefined): WriteResult => {
  const held = fromWire(item ?? {});
  const { holds, seen = [] } = write.document;
  const isHeld = ({ path, value }: Held): boolean => nameOf(valueAt(held, path)) === nameOf(value);
  if (item === undefined || !holds.every(isHeld)) return { kind: 'superseded' };
  const { marks } = labelsOnItem(write);
  const isUnseen = (name: string): boolean => Object.hasOwn(item, name) && item[name] === undefined;
  const isDone = marks.every(
    ({ name, value }) => isUnseen(name) || nameOf(attributeOf(held, name)) === nameOf(value),
  );
  if (isDone) return { kind: 'unchanged' };
  if (!seen.every(isHeld)) return { kind: 'superseded' };
  const message = `${what}: the item holds the text, but the condition failed; does its key have other attributes?`;
  return { kind: 'rejected', error: new PermanentError('write-refused', message) };
};

/** Equal for equal values: the order within a set does not matter. */
const nameOf = (value: AttributeMap[string] | undefined): string | undefined =>
  JSON.stringify(Array.isArray(value?.SS) ? { SS: value.SS.toSorted() } : value);
