import { type AttributeMap, attributeOf, stringOf } from '../../dynamodb-json/attributes.ts';
import type { ChangeRecord } from '../records/decode.ts';
import { labelNames } from '../../tasks/label-names.ts';

/** What an item says of its text under a prefix: the label or the error, and the model that it is of. */
export interface LabelMark {
  /** `name@version` */
  readonly model: string;
  readonly label: string | undefined;
  /** A code. */
  readonly error: string | undefined;
}

/**
 * What an item bears for a text.
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

/** Whether an item has anything under a prefix. */
export const hasAnyMark = (item: AttributeMap, prefix: string): boolean =>
  labelNames(prefix).all.some((name) => attributeOf(item, name) !== undefined);

/** Whether a change is the writing of what the item now bears under a prefix. */
export const isWriting = ({ newImage = {}, oldImage }: ChangeRecord, prefix: string): boolean => {
  if (oldImage === undefined) return false;
  const { label, hash, model, error } = labelNames(prefix);
  return [label, hash, model, error].some(
    (name) => stringOf(attributeOf(newImage, name)) !== stringOf(attributeOf(oldImage, name)),
  );
};
