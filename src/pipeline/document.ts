import { PermanentError } from '../errors.ts';
import { type AttributeMap, type AttributeValue, itemName, stringOf } from './attributes.ts';
import { type Content, type ContentSettings, contentOf, type Held } from './content.ts';
import type { ChangeRecord } from './decode.ts';
import type { Model, Models } from './model.ts';
import { heldRoute, modelNames } from './route.ts';

/** A text to classify, and the item that held it. */
export interface Document extends Content {
  readonly item: ItemRef;
  /** What decides about its labels, the text and which models: they are written only while the item holds it. */
  readonly holds: readonly Held[];
  /** The models to ask: those whose label of this text the item does not bear. */
  readonly models: readonly Model[];
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

export interface DocumentSettings extends ContentSettings {
  /** The table that the labels are for; changes of other tables are skipped. */
  readonly table: string;
  /** Key attributes of the table, to be found in plain JSON records. */
  readonly keyAttributes: readonly string[];
  /** The attribute that names an item's models; an item without it gets the default models. */
  readonly modelAttribute: string;
}

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
 * What there is to do about a change: have its text classified by the models that have not yet, or nothing, and why.
 *
 * @throws PermanentError where the text or the names of the models are not usable
 */
export const verdictOf = (
  change: ChangeRecord,
  item: ItemRef,
  models: Models,
  settings: DocumentSettings,
): Verdict => {
  const { table, modelAttribute } = settings;
  if ((change.table ?? table) !== table) return { kind: 'skipped', reason: 'other-table' };
  const image = change.newImage;
  if (change.eventName === 'REMOVE' || image === undefined) return { kind: 'skipped', reason: 'removed' };
  const content = contentOf(image, settings);
  if (content === undefined) return { kind: 'skipped', reason: 'no-text' };

  const route = image[modelAttribute];
  const names = modelNames(route, modelAttribute);
  const isDone = (model: Model): boolean =>
    bears(image, model, content.hash) ||
    (names === undefined && bringsLabel(change, model.attribute, content.hash));
  const missing = models.resolve(names).filter((model) => !isDone(model));
  if (missing.length === 0) return { kind: 'skipped', reason: 'already-labelled' };
  // Plain JSON says what to label, not what else the item holds.
  const routed = change.keys === undefined ? [] : heldRoute(modelAttribute, route);
  const { text, hash } = content;
  return {
    kind: 'document',
    document: { item, holds: [...routed, ...content.holds], text, hash, models: missing },
  };
};

const bears = (image: AttributeMap, { id, attribute }: Model, hash: string): boolean =>
  stringOf(image[`${attribute}_hash`]) === hash && stringOf(image[`${attribute}_model`]) === id;

/**
 * Whether the change is the writing of a label for the text. Where an item names no model, another model's label is as
 * good as one's own: else two versions of the function that share the stream, in a canary or while one takes over from
 * the other, would label again what the other has labelled.
 */
const bringsLabel = ({ newImage = {}, oldImage }: ChangeRecord, attribute: string, hash: string): boolean =>
  oldImage !== undefined &&
  stringOf(newImage[`${attribute}_hash`]) === hash &&
  [`${attribute}_hash`, `${attribute}_model`].some(
    (name) => stringOf(newImage[name]) !== stringOf(oldImage[name]),
  );

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
