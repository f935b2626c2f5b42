import { type AttributeMap, attributeOf, isObject, stringOf } from '../records/attributes.ts';
import { contentHash } from '../items/content.ts';
import type { DynamoDbRecord } from '../records/dynamodb-event.ts';
import { labelNames } from '../items/label-names.ts';
import { findText, type TextAttribute } from '../items/text.ts';

export interface TextPlaces {
  readonly textAttributes: readonly TextAttribute[];
  readonly textPairAttribute?: TextAttribute | undefined;
}

/**
 * Whether a change is nothing but labels (or errors) that were written for the text the item holds, so that nobody has
 * anything to do about it. It is known by what changed and by the hash that it bears, not by who made it, and without
 * knowing any model: only attributes of labels (`<prefix>`, `<prefix>_score` and so on) differ between the images, for
 * prefixes whose label is complete and whose hash is that of the text. All else is forwarded, whatever it is; the consumer has
 * a latch of its own.
 */
export const isOwnLabelWrite = (
  { eventName, dynamodb: { NewImage, OldImage } = {} }: DynamoDbRecord,
  { textAttributes, textPairAttribute }: TextPlaces,
): boolean => {
  if (eventName !== 'MODIFY' || !isObject(NewImage) || !isObject(OldImage)) return false;
  const [before, after] = [OldImage as AttributeMap, NewImage as AttributeMap];
  const text = stringOf(findText(after, textAttributes).value);
  if (text === undefined) return false;
  const pair = textPairAttribute && stringOf(findText(after, [textPairAttribute]).value);
  const labels = labelAttributes(after, contentHash(text, pair));
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].every(
    (name) =>
      labels.has(name) ||
      JSON.stringify(attributeOf(before, name)) === JSON.stringify(attributeOf(after, name)),
  );
};

/** The attributes of all labels and errors that an item bears for the text with this hash, also those it may bear. */
const labelAttributes = (item: AttributeMap, hash: string): ReadonlySet<string> =>
  new Set(
    Object.keys(item)
      .filter((name) => name.endsWith('_hash') && stringOf(attributeOf(item, name)) === hash)
      .map((name) => labelNames(name.slice(0, -'_hash'.length)))
      .filter(({ always, refusal }) =>
        [always, refusal].some((names) => names.every((name) => has(item, name))),
      )
      .flatMap(({ all }) => all),
  );

const has = (item: AttributeMap, name: string): boolean => attributeOf(item, name) !== undefined;
