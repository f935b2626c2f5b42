import { PermanentError, type RejectCode } from '../../errors.ts';
import {
  type AttributeMap,
  attributeOf,
  type AttributeValue,
  itemName,
} from '../../dynamodb-json/attributes.ts';
import { hasAnyMark, markOn, isWriting } from './label-marks.ts';
import type { ChangeRecord } from '../records/decode.ts';
import { stays } from './model-order.ts';
import type { Model, Models } from '../../tasks/model.ts';
import { heldRoute, modelNames } from './route.ts';
import type { Held } from '../../tasks/item-text.ts';
import type { Content, ContentSettings, Task } from '../../tasks/task.ts';

/** What there is to say about an item: of its content, or that it has none, or none that a model can take. */
export interface Document extends Content {
  readonly item: ItemRef;
  /** What decides about its answers, the content and which models: they are written only while the item holds it. */
  readonly holds: readonly Held[];
  /** The models to ask: those of which the item does not bear what they say of this content. */
  readonly models: readonly Model[];
}

export interface ItemRef {
  /** Equal for two records if and only if they describe the same item. */
  readonly name: string;
  readonly keys: AttributeMap;
}

/** Why a change needs nothing. */
export type SkipReason = 'removed' | 'no-text' | 'already-labelled' | 'other-table';

export type Verdict =
  | { readonly kind: 'document'; readonly document: Document }
  | { readonly kind: 'skipped'; readonly reason: SkipReason };

export interface DocumentSettings extends ContentSettings {
  /** What is asked of the models. */
  readonly task: Task;
  /** The table that the labels are for; changes of other tables are skipped. */
  readonly table: string;
  /** Key attributes of the table, to be found in plain JSON records. */
  readonly keyAttributes: readonly string[];
  /** The attribute that names an item's models; an item without it gets the default models. */
  readonly modelAttribute: string;
  /** Labels are written elsewhere: what an item bears is not looked at, and nothing is taken from it. */
  readonly labelsElsewhere?: boolean;
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
 * What there is to do about a change: ask the models about its content that have not said it yet, say on the item why
 * none can, take the answers away to a content that is gone, or nothing, and why.
 *
 * @throws PermanentError where something is wrong of which the item cannot tell: with the names of its models, or with
 *   a value that no item can hold
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
  const content = settings.task.contentOf(image, settings);
  const route = attributeOf(image, modelAttribute);
  const asked = modelsOf(content, () => modelNames(route, modelAttribute), models);
  const todo = modelsToAsk(change, content, asked, settings);
  if (todo.length === 0)
    return { kind: 'skipped', reason: content.input === undefined ? 'no-text' : 'already-labelled' };
  const holds = [...heldRoute(modelAttribute, route), ...content.holds];
  return { kind: 'document', document: { ...content, item, holds, models: todo } };
};

interface Asked {
  /** What the item names; undefined for the default models. */
  readonly names: readonly string[] | undefined;
  readonly models: readonly Model[];
}

/** The models that an item asks. Where its names are faulty, the content's own fault comes first. */
const modelsOf = (
  { input }: Content,
  readNames: () => readonly string[] | undefined,
  models: Models,
): Asked => {
  try {
    const names = readNames();
    return { names, models: models.resolve(names) };
  } catch (error) {
    if (input === undefined) return { names: undefined, models: models.resolve() };
    throw input instanceof PermanentError ? input : error;
  }
};

const modelsToAsk = (
  change: ChangeRecord,
  { input, hash }: Content,
  { names, models }: Asked,
  { labelsElsewhere = false }: DocumentSettings,
): readonly Model[] => {
  const image = change.newImage ?? {};
  // Plain JSON does not say what else the item holds.
  if (input === undefined)
    return labelsElsewhere || change.keys === undefined
      ? []
      : models.filter(({ attribute }) => hasAnyMark(image, attribute));
  if (labelsElsewhere) return models;
  return models.filter(({ id, attribute }) => {
    const mark = markOn(image, attribute, hash);
    // Hash and model count only where the label is there, or the error: who removes it asks for a new one.
    if (mark === undefined || (mark.label === undefined && !isFinal(mark.error, input))) return true;
    if (mark.model === id) return false;
    const isNew = isWriting(change, attribute);
    // Where an item names no model, another model's label is as good as one's own: else two versions of the function
    // that share the stream, in a canary or while one takes over, would label again what the other has labelled.
    return !(names === undefined ? isNew : stays(mark.model, id, names, isNew));
  });
};

/** Errors that a model finds in an input. Others are of the content itself, and may end with a setting. */
const OF_MODELS: ReadonlySet<string> = new Set<RejectCode>(['bad-score', 'inference-failed']);

/** Whether an error that an item bears is all there is to say of its content. */
const isFinal = (error: string | undefined, input: Content['input']): boolean =>
  error !== undefined && (OF_MODELS.has(error) || input instanceof PermanentError);

const plainKeys = (image: AttributeMap, partitionKey: string, names: readonly string[]): AttributeMap => {
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0 && attributeOf(image, only) === undefined)
    return { [only]: { S: partitionKey } };
  return Object.fromEntries(names.map((name) => [name, requireKey(attributeOf(image, name), name)]));
};

/** Plain JSON has no binary values; an item that was read from its table may have such a key. */
const requireKey = (value: AttributeValue | undefined, name: string): AttributeValue => {
  if (typeof (value?.S ?? value?.N ?? value?.B) === 'string') return value as AttributeValue;
  throw new PermanentError(
    'bad-shape',
    `key attribute ${name} of a plain JSON record should be a string or number`,
  );
};
