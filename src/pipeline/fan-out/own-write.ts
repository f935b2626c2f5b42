import { type AttributeMap, attributeOf, isObject, stringOf } from '../../dynamodb-json/attributes.ts';
import type { DynamoDbRecord } from '../records/dynamodb-event.ts';
import { labelNames, prefixesOf } from '../../tasks/label-names.ts';
import type { Task, TextPlaces } from '../../tasks/task.ts';

export interface OwnWriteSettings extends TextPlaces {
  readonly task: Task;
}

/**
 * Whether a change is nothing but answers (or errors) that were written for what the item holds, so that nobody has
 * anything to do about it. It is known by what changed and by the hash that it bears, not by who made it, and without
 * knowing any model: only attributes of labels (`<prefix>`, `<prefix>_score` and so on) differ between the images, for
 * prefixes whose label is complete and whose hash is that of the text. All else is forwarded, whatever it is; the consumer has
 * a latch of its own.
 */
export const isOwnLabelWrite = (
  { eventName, dynamodb: { NewImage, OldImage } = {} }: DynamoDbRecord,
  settings: OwnWriteSettings,
): boolean => {
  if (eventName !== 'MODIFY' || !isObject(NewImage) || !isObject(OldImage)) return false;
  const [before, after] = [OldImage as AttributeMap, NewImage as AttributeMap];
  const hash = settings.task.hashAtAGlance(after, settings);
  if (hash === undefined) return false;
  const labels = labelAttributes(after, hash);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].every(
    (name) =>
      labels.has(name) ||
      JSON.stringify(attributeOf(before, name)) === JSON.stringify(attributeOf(after, name)),
  );
};

/** The attributes of all labels and errors that an item bears for the text with this hash, also those it may bear. */
const labelAttributes = (item: AttributeMap, hash: string): ReadonlySet<string> =>
  new Set(
    prefixesOf(item)
      .map(labelNames)
      .filter((names) => stringOf(attributeOf(item, names.hash)) === hash)
      .filter(({ always, refusal }) =>
        [always, refusal].some((names) => names.every((name) => has(item, name))),
      )
      .flatMap(({ all }) => all),
  );

const has = (item: AttributeMap, name: string): boolean => attributeOf(item, name) !== undefined;
