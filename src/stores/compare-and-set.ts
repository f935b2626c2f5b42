import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { valueAt } from '../pipeline/attribute-path.ts';
import type { AttributeMap } from '../pipeline/attributes.ts';
import type { Document } from '../pipeline/document.ts';
import type { LabelWrite, WriteResult } from '../pipeline/store.ts';
import { scoreText } from './wire-format.ts';

/** An attribute of an item and the value that it gets, or should hold. */
export interface NamedValue {
  readonly name: string;
  readonly value: AttributeValue;
}

/**
 * A label on the item itself: flat and top-level, so that an index can use it, under the prefix of the model. `model`
 * and `hash` tell whether the item bears it already.
 */
export const labelOnItem = ({ document, label }: LabelWrite) => {
  const prefix = document.model.attribute;
  const named = (name: string, value: AttributeValue): NamedValue => ({ name, value });
  return {
    label: named(prefix, { S: label.label }),
    score: named(`${prefix}_score`, { N: scoreText(label.score) }),
    model: named(`${prefix}_model`, { S: document.model.id }),
    hash: named(`${prefix}_hash`, { S: document.hash }),
  };
};

/**
 * A failed condition is no failure: the label is there already, or the text it belongs to is not there any more.
 *
 * @param item the item whose condition failed; undefined where there is none
 */
export const staleOrDone = (
  { path, stored }: Document,
  item: Readonly<Record<string, AttributeValue>> | undefined,
): WriteResult => ({
  kind: valueAt((item ?? {}) as unknown as AttributeMap, path)?.S === stored ? 'unchanged' : 'superseded',
});
