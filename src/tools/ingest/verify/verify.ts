import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { TransientError } from '../../../errors.ts';
import { type Classification, classify } from '../../../pipeline/classify.ts';
import type { ChangeRecord } from '../../../pipeline/records/decode.ts';
import type { Document, DocumentSettings } from '../../../pipeline/items/document.ts';
import type { Model, Models } from '../../../tasks/model.ts';
import { fromWire } from '../../../stores/dynamodb/wire-format.ts';
import { documentOf } from './document-of.ts';
import { textClassification } from '../../../tasks/text-classification.ts';
import type { ModelDrift } from './drift.ts';
import { type FoundLabel, labelOf, labelsInTable, labelsOnItems } from './label-reader.ts';
import { type LabelCount, type LabelQuality, labelTally, type ModelTally } from './label-tally.ts';
import { EXPECTED_LABEL } from '../producer.ts';

export interface VerifyOptions {
  readonly settings: DocumentSettings;
  /** The labels table, where labels are not on the items. */
  readonly labelsTable?: string;
}

/** The state of the documents table and its labels at the end. */
export interface Verification {
  readonly items: number;
  /** Items with a text that lack a label of a model they ask for. What no model takes is among the rejects instead. */
  readonly lost: number;
  /** Items of whose labels one is not what a fresh classification of the text they hold gives, or is of no text. */
  readonly wrong: number;
  readonly models: readonly ModelTally[];
  /** The ten most frequent labels. */
  readonly labels: readonly LabelCount[];
  /** Null where the input has no expected labels. */
  readonly quality: LabelQuality | null;
  /** Of each model. */
  readonly drift: readonly ModelDrift[];
}

/**
 * Classifies the text of every item again, with each model that the item names, and compares the results with its
 * labels. It reads page by page, so that memory does not grow with the table.
 *
 * @param models as the function has them
 */
export const verify = async (
  dynamodb: DynamoDBClient,
  models: Models,
  { settings, labelsTable }: VerifyOptions,
): Promise<Verification> => {
  const counts = { items: 0, lost: 0, wrong: 0 };
  const tally = labelTally();
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName: settings.table })) {
    counts.items += Items.length;
    const present = Items.flatMap((item) => {
      const change = changeOf(item, settings);
      // The expected labels are computed independently of the item's own attributes.
      const document = documentOf(change, models, { ...settings, labelsElsewhere: true });
      if (document !== undefined) return [{ item, document }];
      // An item without a text is checked only if it has a label.
      if (labelsTable === undefined && documentOf(change, models, settings) !== undefined) counts.wrong += 1;
      return [];
    });
    const documents = present.map(({ document }) => document);
    const fresh = await classify(documents, models);
    const find =
      labelsTable === undefined ? labelsOnItems : await labelsInTable(dynamodb, labelsTable, documents);
    for (const [index, { item, document }] of present.entries()) {
      const states = document.models.map((model, position) => {
        const found = find(document, item, model);
        if (found?.label !== undefined) {
          if (model.task === textClassification.name)
            tally.add({ ...found, label: found.label }, item[EXPECTED_LABEL]?.S, model.reference);
          else tally.addAnswer(found, model.reference);
        }
        return stateOf(found, document, model, fresh[index]?.[position]);
      });
      if (states.includes('lost')) counts.lost += 1;
      else if (states.includes('wrong')) counts.wrong += 1;
    }
  }
  return {
    ...counts,
    ...{ models: tally.models(), labels: tally.top(10), quality: tally.quality(), drift: tally.drift() },
  };
};

/** @throws TransientError where the model itself fails: then the label cannot be checked */
const stateOf = (
  found: FoundLabel | undefined,
  { hash }: Document,
  model: Model,
  fresh: Classification | undefined,
): 'right' | 'wrong' | 'lost' => {
  if (fresh === undefined || ('error' in fresh && fresh.error instanceof TransientError))
    throw fresh?.error ?? new TransientError('a text was not classified');
  if (found?.label === undefined) return 'error' in fresh ? 'right' : 'lost';
  if ('error' in fresh || found.hash !== hash) return 'wrong';
  return saidBy(found) === saidBy(labelOf(fresh, model)) ? 'right' : 'wrong';
};

/** All of it that is exact, for comparison. */
const saidBy = (found: FoundLabel | undefined): string =>
  JSON.stringify([found?.label, found?.by, found?.start, found?.end]);

/** A change with the current state of an item as its new image. */
const changeOf = (item: Item, { keyAttributes }: DocumentSettings): ChangeRecord => {
  const newImage = fromWire(item);
  const keys = Object.fromEntries(Object.entries(newImage).filter(([name]) => keyAttributes.includes(name)));
  return { eventName: 'INSERT', keys, newImage };
};
