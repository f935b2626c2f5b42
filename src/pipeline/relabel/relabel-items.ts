import { must, type PermanentError, type TransientError } from '../../errors.ts';
import type { AttributeMap } from '../../dynamodb-json/attributes.ts';
import type { Models } from '../../tasks/model.ts';
import type { LabelStore } from '../destinations.ts';
import type { Document, DocumentSettings } from '../items/document.ts';
import { labelDocuments } from '../label-documents.ts';
import { type Meter, UNMETERED } from '../meter.ts';
import type { Outcome } from '../outcome.ts';
import { countsOf, type End, type ItemState, type RelabelCounts } from './counts.ts';
import { type Surveyed, surveyItem, type Where } from './survey.ts';

export interface RelabelParts {
  /** Those of `onlyModel`. */
  readonly models: Models;
  readonly labels: LabelStore;
  /** With the names of the table's key attributes. */
  readonly settings: DocumentSettings;
  readonly where: Where;
  /** Documents that are classified and stored together. */
  readonly chunkSize: number;
  /** How often an item is tried before it counts as failed. */
  readonly attempts?: number;
  /** Whether documents have their labels already, where these are not on the items; one answer each, in their order. */
  readonly areLabelled?: (documents: readonly Document[]) => Promise<readonly boolean[]>;
  readonly meter?: Meter;
}

/** An item that could not be labelled. */
export interface RelabelFault {
  /** `table{"id":{"S":"a"}}` */
  readonly item: string;
  readonly error: PermanentError | TransientError;
}

export interface Relabelled {
  readonly counts: RelabelCounts;
  readonly faults: readonly RelabelFault[];
}

/** What there is to do for items, in their order. Nothing is written. */
export const surveyItems = async (
  items: readonly AttributeMap[],
  { models, settings, areLabelled }: Pick<RelabelParts, 'models' | 'settings' | 'areLabelled'>,
): Promise<readonly Surveyed[]> => {
  const surveyed = items.map((item) => surveyItem(item, models, settings));
  if (areLabelled === undefined) return surveyed;
  const unsure = surveyed.flatMap((one, index) => ('document' in one ? [{ index, one }] : []));
  const labelled = await areLabelled(unsure.map(({ one }) => one.document));
  const current = new Set(unsure.filter((_, position) => labelled[position]).map(({ index }) => index));
  return surveyed.map((one, index) => (current.has(index) ? { state: 'current' } : one));
};

/** The documents of the items that are to be labelled. */
export const chosenOf = (surveyed: readonly Surveyed[], where: Where): readonly Document[] =>
  surveyed.flatMap((one) =>
    'document' in one && (where === 'all' || where === one.state) ? [one.document] : [],
  );

/**
 * Labels items as they were read from their table or from an export of it, however long ago: a label is written only
 * where its item still is, with the same text and the same label as then. So a deleted item does not come back, and no
 * label that came since is overwritten; such an item is `superseded`. What fails is tried again, then counted.
 *
 * @param items in DynamoDB JSON, with their keys and all that `settings` name
 */
export const relabelItems = async (
  items: readonly AttributeMap[],
  parts: RelabelParts,
  signal: AbortSignal = new AbortController().signal,
): Promise<Relabelled> => {
  const { where, chunkSize } = parts;
  const surveyed = await surveyItems(items, parts);
  const chosen = chosenOf(surveyed, where);
  const outcomes: Outcome[] = [];
  for (let at = 0; at < chosen.length; at += chunkSize)
    outcomes.push(...(await labelled(chosen.slice(at, at + chunkSize), parts, signal)));
  const invalid = surveyed.flatMap((one) =>
    one.state === 'invalid' ? [{ item: one.name, error: one.error }] : [],
  );
  const faults = outcomes.flatMap((outcome, index): readonly RelabelFault[] =>
    'error' in outcome
      ? [{ item: must(chosen[index], 'document of an outcome').item.name, error: outcome.error }]
      : [],
  );
  return {
    counts: countsOf(
      surveyed.map(({ state }): ItemState => state),
      outcomes.map(({ kind }) => kind as End),
    ),
    faults: [...invalid, ...faults],
  };
};

/** One outcome for each document, in their order, after as many attempts as it takes or as there are. */
const labelled = async (
  documents: readonly Document[],
  { models, labels, attempts = 3, meter = UNMETERED }: RelabelParts,
  signal: AbortSignal,
): Promise<readonly Outcome[]> => {
  const outcomes: Outcome[] = [];
  let left: readonly number[] = [...documents.keys()];
  for (let attempt = 0; attempt < attempts && left.length > 0; attempt += 1) {
    if (attempt > 0 && signal.aborted) break;
    const part = left.map((index) => must(documents[index], 'document of a chunk'));
    const results = await labelDocuments(part, models, labels, signal, meter);
    for (const [position, index] of left.entries())
      outcomes[index] = must(results[position], 'outcome of a document');
    left = left.filter((index) => outcomes[index]?.kind === 'failed' && !isLasting(outcomes[index]));
  }
  return outcomes;
};

/** An operator has to act first: another attempt does not help. */
const isLasting = (outcome: Outcome): boolean => outcome.kind === 'failed' && outcome.error.isLasting;
