import { PermanentError } from '../../errors.ts';
import { type AttributeMap, attributeOf } from '../../dynamodb-json/attributes.ts';
import { labelNames } from '../../tasks/label-names.ts';
import type { Models } from '../../tasks/model.ts';
import { type Document, type DocumentSettings, itemOf, verdictOf } from '../items/document.ts';
import { modelNames } from '../items/route.ts';
import type { ItemState } from './counts.ts';

/** Which items are labelled: those whose label is stale, those without one, or both. */
export const WHERE = ['stale', 'missing', 'all'] as const;
export type Where = (typeof WHERE)[number];

/** An item as it was read, with its key attributes, and what there is to do for it. */
export type Surveyed =
  | { readonly state: Exclude<ItemState, 'invalid' | 'stale' | 'missing'> }
  | { readonly state: 'invalid'; readonly name: string; readonly error: PermanentError }
  | { readonly state: 'stale' | 'missing'; readonly document: Document };

/**
 * What there is to do for an item: the document that the stream would make of it, were it written now, with the label
 * that it bears, so that one that comes meanwhile is not overwritten.
 *
 * @param settings with the names of the table's key attributes
 * @param models those of `onlyModel`
 */
export const surveyItem = (item: AttributeMap, models: Models, settings: DocumentSettings): Surveyed => {
  const keys = Object.fromEntries(
    settings.keyAttributes.flatMap((name) => {
      const value = attributeOf(item, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const change = { eventName: 'INSERT', keys, newImage: item } as const;
  const ref = itemOf(change, '', settings);
  try {
    const verdict = verdictOf(change, ref, models, settings);
    if (verdict.kind === 'document') return toLabel(item, verdict.document, settings);
    if (verdict.reason === 'no-text') return { state: 'noText' };
    return { state: isAsked(item, models, settings) ? 'current' : 'otherModel' };
  } catch (error) {
    if (error instanceof PermanentError) return { state: 'invalid', name: ref.name, error };
    throw error;
  }
};

const isAsked = (item: AttributeMap, models: Models, { modelAttribute }: DocumentSettings): boolean =>
  models.resolve(modelNames(attributeOf(item, modelAttribute), modelAttribute)).length > 0;

const toLabel = (
  item: AttributeMap,
  document: Document,
  { labelsElsewhere = false }: DocumentSettings,
): Surveyed => {
  if (labelsElsewhere) return { state: 'missing', document };
  const names = document.models.map(({ attribute }) => labelNames(attribute));
  const has = (name: string): boolean => attributeOf(item, name) !== undefined;
  const seen = names
    .flatMap(({ label, model, hash }) => [label, model, hash])
    .map((name) => ({ path: [name], value: attributeOf(item, name) }));
  const isMissing =
    document.input !== undefined && !names.some(({ label, error }) => has(label) || has(error));
  return { state: isMissing ? 'missing' : 'stale', document: { ...document, seen } };
};
