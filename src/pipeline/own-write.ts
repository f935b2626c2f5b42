import { type AttributeMap, isObject, stringOf } from './attributes.ts';
import { sha256 } from './document.ts';
import type { DynamoDbRecord } from './dynamodb-event.ts';
import { findText, type TextAttribute } from './text.ts';

/**
 * Whether a change is nothing but a label that was written for the text the item holds, so that nobody has anything to
 * do about it. It is known by what changed and by the hash that it bears, not by who made it, and without knowing any
 * model: only `<prefix>`, `<prefix>_score`, `<prefix>_model` and `<prefix>_hash` differ between the images, for
 * prefixes whose label is complete and whose hash is that of the text. All else is forwarded, whatever it is; the
 * consumer has a latch of its own.
 */
export const isOwnLabelWrite = (
  { eventName, dynamodb: { NewImage, OldImage } = {} }: DynamoDbRecord,
  textAttributes: readonly TextAttribute[],
): boolean => {
  if (eventName !== 'MODIFY' || !isObject(NewImage) || !isObject(OldImage)) return false;
  const [before, after] = [OldImage as AttributeMap, NewImage as AttributeMap];
  const text = stringOf(findText(after, textAttributes)?.value);
  if (text === undefined) return false;
  const labels = labelAttributes(after, sha256(text));
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].every(
    (name) => labels.has(name) || JSON.stringify(before[name]) === JSON.stringify(after[name]),
  );
};

/** The attributes of all labels that an item bears for the text with this hash. */
const labelAttributes = (item: AttributeMap, hash: string): ReadonlySet<string> => {
  const prefixes = Object.keys(item)
    .filter((name) => name.endsWith('_hash') && stringOf(item[name]) === hash)
    .map((name) => name.slice(0, -'_hash'.length));
  return new Set(
    prefixes
      .map((prefix) => [prefix, `${prefix}_score`, `${prefix}_model`, `${prefix}_hash`])
      .filter((names) => names.every((name) => item[name] !== undefined))
      .flat(),
  );
};
