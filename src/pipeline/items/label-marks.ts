import { type AttributeMap, attributeOf, stringOf } from '../../dynamodb-json/attributes.ts';
import type { ChangeRecord } from '../records/decode.ts';
import { labelNames } from '../../tasks/label-names.ts';

/** What an item has for its text under a prefix: the label or the error, and the model that gave it. */
export interface LabelMark {
  /** `name@version` */
  readonly model: string;
  readonly label: string | undefined;
  /** The error's code. */
  readonly error: string | undefined;
}

/**
 * The label or error that an item has for a text; undefined where it has none.
 *
 * @param hash of the text
 */
export const markOn = (item: AttributeMap, prefix: string, hash: string): LabelMark | undefined => {
  const names = labelNames(prefix);
  if (stringOf(attributeOf(item, names.hash)) !== hash) return undefined;
  const model = stringOf(attributeOf(item, names.model));
  if (model === undefined) return undefined;
  const [label, error] = [names.label, names.error].map((name) => stringOf(attributeOf(item, name)));
  return { model, label, error };
};

/** Whether an item has any attribute of a label or error under a prefix. */
export const hasAnyMark = (item: AttributeMap, prefix: string): boolean =>
  labelNames(prefix).all.some((name) => attributeOf(item, name) !== undefined);

/** Whether a change wrote the label or error that the item now has under a prefix. */
export const isWriting = ({ newImage = {}, oldImage }: ChangeRecord, prefix: string): boolean => {
  if (oldImage === undefined) return false;
  const { label, hash, model, error } = labelNames(prefix);
  return [label, hash, model, error].some(
    (name) => stringOf(attributeOf(newImage, name)) !== stringOf(attributeOf(oldImage, name)),
  );
};
