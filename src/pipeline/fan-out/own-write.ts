import { type AttributeMap, attributeOf, isObject, stringOf } from '../../dynamodb-json/attributes.ts';
import type { DynamoDbRecord } from '../records/dynamodb-event.ts';
import { labelNames, prefixesOf } from '../../tasks/label-names.ts';
import type { TextPlaces } from '../../tasks/task.ts';
import { tasks } from '../../tasks/tasks.ts';

/**
 * Whether a change only wrote answers (or errors) for the content that the item holds, so that there is nothing to do
 * about it. That follows from the changed attributes and their hash, not from who made the change, and without knowing
 * any model: only attributes of labels (`<prefix>`, `<prefix>_score` and so on) differ between the images, for prefixes
 * whose label is complete and whose hash is that of the text, or of what another task reads. Every other change is forwarded; the consumer has a check
 * of its own.
 */
export const isOwnLabelWrite = (
  { eventName, dynamodb: { NewImage, OldImage } = {} }: DynamoDbRecord,
  places: TextPlaces,
): boolean => {
  if (eventName !== 'MODIFY' || !isObject(NewImage) || !isObject(OldImage)) return false;
  const [before, after] = [OldImage as AttributeMap, NewImage as AttributeMap];
  const hashes = tasks.flatMap((task) => task.hashAtAGlance(after, places) ?? []);
  if (hashes.length === 0) return false;
  const labels = labelAttributes(after, hashes);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].every(
    (name) =>
      labels.has(name) ||
      JSON.stringify(attributeOf(before, name)) === JSON.stringify(attributeOf(after, name)),
  );
};

/** The names of all attributes of labels and errors that an item has for the content with one of these hashes, or may have. */
const labelAttributes = (item: AttributeMap, hashes: readonly string[]): ReadonlySet<string> =>
  new Set(
    prefixesOf(item)
      .map(labelNames)
      .filter((names) => hashes.includes(stringOf(attributeOf(item, names.hash)) ?? ''))
      .filter(({ always, refusal }) =>
        [always, refusal].some((names) => names.every((name) => has(item, name))),
      )
      .flatMap(({ all }) => all),
  );

const has = (item: AttributeMap, name: string): boolean => attributeOf(item, name) !== undefined;
