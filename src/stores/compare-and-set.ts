import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { valueAt } from '../pipeline/attribute-path.ts';
import type { AttributeMap } from '../pipeline/attributes.ts';
import type { Document } from '../pipeline/document.ts';
import { labelNames } from '../pipeline/label-names.ts';
import type { LabelWrite, ModelLabel, WriteResult } from '../pipeline/store.ts';
import { labelList, scoreText } from './wire-format.ts';

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
  /** Whoever bears all of these bears the labels already. */
  readonly marks: readonly NamedValue[];
}

/** The labels of a write as attributes of the item itself, under the prefixes of their models. */
export const labelsOnItem = ({ document, labels }: LabelWrite): LabelChanges => {
  const each = labels.map((label) => labelOnItem(label, document.hash));
  return {
    set: each.flatMap(({ set }) => set),
    remove: each.flatMap(({ remove }) => remove),
    marks: each.flatMap(({ marks }) => marks),
  };
};

/** A label as attributes under the model's prefix. */
export const labelOnItem = ({ model, answer }: ModelLabel, hash: string): LabelChanges => {
  const { label, score, model: by, hash: of, optional } = labelNames(model.attribute);
  const [best] = answer.labels;
  const marks: NamedValue[] = [
    { name: of, value: { S: hash } },
    { name: by, value: { S: model.id } },
  ];
  const extras: NamedValue[] = [
    ...(answer.by === undefined ? [] : [{ name: optional.by, value: { S: answer.by } }]),
    ...(answer.truncated ? [{ name: optional.truncated, value: { BOOL: true } }] : []),
    ...(answer.listed === undefined ? [] : [{ name: optional.listed, value: labelList(answer.listed) }]),
  ];
  return {
    set: [
      { name: label, value: { S: best?.label ?? '' } },
      { name: score, value: { N: scoreText(best?.score ?? 0) } },
      ...marks.toReversed(),
      ...extras,
    ],
    remove: Object.values(optional).filter((name) => extras.every((extra) => extra.name !== name)),
    marks,
  };
};

/**
 * A failed condition is no failure: the labels are there already, or what they belong to is not there any more.
 *
 * @param item the item whose condition failed; undefined where there is none
 */
export const staleOrDone = (
  { holds }: Document,
  item: Readonly<Record<string, AttributeValue>> | undefined,
): WriteResult => {
  const held = (item ?? {}) as unknown as AttributeMap;
  const same = holds.every(({ path, value }) => nameOf(valueAt(held, path)) === nameOf(value));
  return { kind: item !== undefined && same ? 'unchanged' : 'superseded' };
};

/** The order within a set means nothing. */
const nameOf = (value: AttributeMap[string] | undefined): string | undefined =>
  JSON.stringify(Array.isArray(value?.SS) ? { SS: value.SS.toSorted() } : value);
