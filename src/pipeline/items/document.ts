import { must, PermanentError, type RejectCode } from '../../errors.ts';
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
import type { Content, ContentSettings } from '../../tasks/task.ts';
import { taskOf, tasksFrom } from '../../tasks/tasks.ts';

/** The work to do for an item: its content, that it has none, or none that a model can accept. */
export interface Document extends Content {
  readonly item: ItemRef;
  /** The values that the answers depend on (content, model names): a write needs the item to hold them. */
  readonly holds: readonly Held[];
  /**
   * The label that the item bore when it was read, where a write must not replace another that came since; a change
   * record needs none, because it is newer than the label that it shows.
   */
  readonly seen?: readonly Held[];
  /** The models to run: those whose answer to this content the item does not have yet. */
  readonly models: readonly Model[];
}

export interface ItemRef {
  /** Equal for two records if and only if they describe the same item. */
  readonly name: string;
  readonly keys: AttributeMap;
}

/** Why a change needs no work. */
export type SkipReason = 'removed' | 'no-text' | 'already-labelled' | 'other-table';

export type Verdict =
  | {
      readonly kind: 'document';
      readonly document: Document;
      /** The item already has a label of another of its models for this content. */
      readonly isPart?: true;
    }
  | { readonly kind: 'skipped'; readonly reason: SkipReason };

export interface DocumentSettings extends ContentSettings {
  /** The table that the labels are for; changes of other tables are skipped. */
  readonly table: string;
  /** Key attributes of the table, as plain JSON records have them. */
  readonly keyAttributes: readonly string[];
  /** The attribute that names an item's models; an item without it gets the default models. */
  readonly modelAttribute: string;
  /** Labels are written to another table: the item's own attributes are neither read nor removed. */
  readonly labelsElsewhere?: boolean;
  /** Labels are forwarded: also one that is there already, but not as the last change before this one left it. */
  readonly forwards?: boolean;
}

/**
 * The item that a change is about.
 *
 * @param partitionKey the key of a plain JSON record that does not contain its key attribute
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
 * Decides what to do about a change: run the models that have not answered for its content yet, write the error why
 * none can, remove the answers to content that is gone, or nothing, with the reason.
 *
 * @throws PermanentError for an error that cannot be written to the item: in the names of its models, or a value that
 *   no item can hold
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
  const route = attributeOf(image, modelAttribute);
  const asked = askedOf(image, () => modelNames(route, modelAttribute), models, settings);
  const { content } = asked;
  const isNews = settings.forwards === true && hasNewContent(change, asked, route, settings);
  const todo = modelsToAsk(change, asked, isNews, settings);
  if (todo.length === 0)
    return { kind: 'skipped', reason: content.input === undefined ? 'no-text' : 'already-labelled' };
  const holds = [...heldRoute(modelAttribute, route), ...content.holds];
  const document = { ...content, item, holds, models: todo };
  const isPart = content.input !== undefined && todo.length < asked.models.length;
  return { kind: 'document', document, ...(isPart && { isPart }) };
};

interface Asked {
  /** What the item names; undefined for the default models. */
  readonly names: readonly string[] | undefined;
  readonly models: readonly Model[];
  /** As the task of the models reads it. */
  readonly content: Content;
}

/** The models that an item names, and its content. Where the names are invalid, an error of the content comes first. */
const askedOf = (
  image: AttributeMap,
  readNames: () => readonly string[] | undefined,
  models: Models,
  settings: DocumentSettings,
): Asked => {
  let named: Pick<Asked, 'names' | 'models'>;
  try {
    const names = readNames();
    named = { names, models: models.resolve(names) };
  } catch (error) {
    const content = anyContentOf(image, models, settings);
    const { input } = content;
    if (input === undefined) return { names: undefined, models: models.resolve(), content };
    throw input instanceof PermanentError ? input : error;
  }
  const [model] = named.models;
  const content =
    model === undefined ? anyContentOf(image, models, settings) : taskOf(model).contentOf(image, settings);
  return { ...named, content };
};

/** The content of an item whose models are not known: that of the default models, or else that of any task. */
const anyContentOf = (image: AttributeMap, models: Models, settings: DocumentSettings): Content => {
  const [own, ...others] = tasksFrom(taskOf(must(models.resolve()[0], 'default model')));
  const content = must(own, 'task').contentOf(image, settings);
  if (content.input !== undefined) return content;
  const found = others.map((task) => task.contentOf(image, settings));
  return found.find(({ input }) => input !== undefined) ?? content;
};

const modelsToAsk = (
  change: ChangeRecord,
  { names, models, content: { input, hash } }: Asked,
  isNews: boolean,
  { labelsElsewhere = false }: DocumentSettings,
): readonly Model[] => {
  const image = change.newImage ?? {};
  // Plain JSON does not contain the other attributes of the item.
  if (input === undefined)
    return labelsElsewhere || change.keys === undefined
      ? []
      : models.filter(({ attribute }) => hasAnyMark(image, attribute));
  if (labelsElsewhere) return models;
  return models.filter(({ id, attribute }) => {
    const mark = markOn(image, attribute, hash);
    // Hash and model count only together with the label or the error: to remove that is to request a new one.
    if (mark === undefined || (mark.label === undefined && !isFinal(mark.error, input))) return true;
    if (mark.model === id) return isNews && mark.label !== undefined;
    const isNew = isWriting(change, attribute);
    // Where an item names no model, the label of another model is good enough: otherwise two versions of the function
    // that share the stream, in a canary or during a deployment, would label again what the other has labelled.
    return !(names === undefined ? isNew : stays(mark.model, id, names, isNew));
  });
};

/**
 * Whether a change gave the item the content or the choice of models that it has now, so that it is no write of a label.
 * Where the item has the label nevertheless, it was there before: from a time when the item held the same, or it was
 * copied with the item. A change of an item whose former image is not known may be a label's.
 */
const hasNewContent = (
  { eventName, oldImage }: ChangeRecord,
  { models: [model], content: { hash } }: Asked,
  route: AttributeValue | undefined,
  settings: DocumentSettings,
): boolean => {
  if (oldImage === undefined) return eventName === 'INSERT';
  const before = attributeOf(oldImage, settings.modelAttribute);
  return (
    JSON.stringify(before) !== JSON.stringify(route) ||
    (model !== undefined && hashOf(oldImage, model, settings) !== hash)
  );
};

const hashOf = (image: AttributeMap, model: Model, settings: DocumentSettings): string | undefined => {
  try {
    return taskOf(model).contentOf(image, settings).hash;
  } catch (error) {
    if (error instanceof PermanentError) return undefined;
    throw error;
  }
};

/** Errors of a model. Other errors are of the content itself, and may depend on a setting. */
const OF_MODELS: ReadonlySet<string> = new Set<RejectCode>(['bad-score', 'inference-failed']);

/** Whether an error that an item has is final for its content. */
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
