import { hash } from 'node:crypto';
import { PermanentError } from '../errors.ts';
import type { AttributePath } from './attribute-path.ts';
import { type AttributeMap, type AttributeValue, isPresent, itemName, stringOf } from './attributes.ts';
import type { ChangeRecord } from './decode.ts';
import type { Model, Models } from './model.ts';
import { findText, requireString, type TextAttribute, textOf } from './text.ts';

/** A text to classify, and the item that held it. */
export interface Document {
  readonly item: ItemRef;
  /** Where the item holds the text, and its value exactly as stored: a label is written only while it holds. */
  readonly path: AttributePath;
  readonly stored: string;
  /** The text that the model sees. */
  readonly text: string;
  /** sha256 of `stored`, hexadecimal: names the text a label belongs to. */
  readonly hash: string;
  /** The model that classifies it. */
  readonly model: Model;
}

export interface ItemRef {
  /** Equal for two records if and only if they describe the same item. */
  readonly name: string;
  readonly keys: AttributeMap;
}

/** Why a change needs no label. */
export type SkipReason = 'removed' | 'no-text' | 'already-labelled' | 'other-table';

export type Verdict =
  | { readonly kind: 'document'; readonly document: Document }
  | { readonly kind: 'skipped'; readonly reason: SkipReason };

export interface DocumentSettings {
  /** The table that the labels are for; changes of other tables are skipped. */
  readonly table: string;
  /** Key attributes of the table, to be found in plain JSON records. */
  readonly keyAttributes: readonly string[];
  /** The first of these that an item has is its text. */
  readonly textAttributes: readonly TextAttribute[];
  /** The attribute that names an item's model; an item without it gets the default model. */
  readonly modelAttribute: string;
  /** The most characters (Unicode code points) a text may have. */
  readonly maxTextCharacters: number;
}

export const sha256 = (text: string): string => hash('sha256', text, 'hex');

/**
 * The item that a change is about.
 *
 * @param partitionKey stands for the key of a plain JSON record that does not carry it
 * @throws PermanentError where a plain JSON record has no usable key
 */
export const itemOf = (
  change: ChangeRecord,
  partitionKey: string,
  settings: Pick<DocumentSettings, 'table' | 'keyAttributes'>,
): ItemRef => {
  const keys = change.keys ?? plainKeys(change.newImage ?? {}, partitionKey, settings.keyAttributes);
  return { name: itemName(change.table ?? settings.table, keys), keys };
};

/**
 * What there is to do about a change: classify its text, or nothing, and why.
 *
 * @throws PermanentError where the text or the model's name is not usable
 */
export const verdictOf = (
  change: ChangeRecord,
  item: ItemRef,
  models: Models,
  { table, textAttributes, modelAttribute, maxTextCharacters }: DocumentSettings,
): Verdict => {
  if ((change.table ?? table) !== table) return { kind: 'skipped', reason: 'other-table' };
  const image = change.newImage;
  if (change.eventName === 'REMOVE' || image === undefined) return { kind: 'skipped', reason: 'removed' };
  const found = findText(image, textAttributes);
  if (found === undefined) return { kind: 'skipped', reason: 'no-text' };

  const { stored, text } = textOf(found, maxTextCharacters);
  const named = image[modelAttribute];
  const model = models.resolve(isPresent(named) ? requireString(named, modelAttribute) : undefined);
  const hashed = sha256(stored);
  const labelled =
    stringOf(image[`${model.attribute}_hash`]) === hashed &&
    stringOf(image[`${model.attribute}_model`]) === model.id;
  if (labelled) return { kind: 'skipped', reason: 'already-labelled' };
  return {
    kind: 'document',
    document: { item, path: found.path, stored, text, hash: hashed, model },
  };
};

const plainKeys = (image: AttributeMap, partitionKey: string, names: readonly string[]): AttributeMap => {
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0 && image[only] === undefined)
    return { [only]: { S: partitionKey } };
  return Object.fromEntries(names.map((name) => [name, requireKey(image[name], name)]));
};

/** Plain JSON has no binary values; an item that was read from its table may have such a key. */
const requireKey = (value: AttributeValue | undefined, name: string): AttributeValue => {
  if (typeof (value?.S ?? value?.N ?? value?.B) === 'string') return value as AttributeValue;
  throw new PermanentError(
    'bad-shape',
    `key attribute ${name} of a plain JSON record should be a string or number`,
  );
};
