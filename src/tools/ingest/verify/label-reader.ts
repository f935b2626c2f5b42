import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Document } from '../../../pipeline/items/document.ts';
import { labelNames } from '../../../tasks/label-names.ts';
import { readItems } from '../../../stores/dynamodb/read-items.ts';
import { labelKey, rowPrefix } from '../../../stores/labels-table.ts';
import type { Answer, Model } from '../../../tasks/model.ts';
import { taskOf } from '../../../tasks/tasks.ts';
import { valueToWire } from '../../../stores/dynamodb/wire-format.ts';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';

/** A label that was found. */
export interface FoundLabel {
  readonly label: string | undefined;
  readonly score?: string | undefined;
  /** `name@version` */
  readonly model: string;
  /** Of the text that it was given for. */
  readonly hash: string | undefined;
  /** The model that answered, according to a cascade. */
  readonly by: string | undefined;
  /** Where the answer to a question is in its context. */
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

/** The label of an item under a prefix; undefined where no model has written one. */
export const labelOn = (item: Item | undefined, prefix: string): FoundLabel | undefined => {
  const { label, score, model, hash, optional } = labelNames(prefix);
  const id = item?.[model]?.S;
  return id === undefined
    ? undefined
    : {
        ...{ label: item?.[label]?.S, model: id, hash: item?.[hash]?.S, by: item?.[optional.by]?.S },
        ...{ score: item?.[score]?.N, start: item?.[optional.start]?.N, end: item?.[optional.end]?.N },
      };
};

/** An answer as it would be found. */
export const labelOf = (answer: Answer, model: Model): FoundLabel | undefined => {
  const { attribute } = model;
  const attributes = taskOf(model)
    .attributesOf(answer, attribute)
    .map(({ name, value }) => [name, valueToWire(value)] as const);
  return labelOn(
    { ...Object.fromEntries(attributes), [labelNames(attribute).model]: { S: model.id } },
    attribute,
  );
};

/** Finds the label of one of a document's models; undefined where there is none. */
export type FindLabel = (document: Document, item: Item, model: Model) => FoundLabel | undefined;

const ofModel = (found: FoundLabel | undefined, { id }: Model): FoundLabel | undefined =>
  found?.model === id ? found : undefined;

/** On the items themselves. */
export const labelsOnItems: FindLabel = (_, item, model) => ofModel(labelOn(item, model.attribute), model);

/** In a labels table, from which the labels of these documents are read together. */
export const labelsInTable = async (
  dynamodb: DynamoDBClient,
  table: string,
  documents: readonly Document[],
): Promise<FindLabel> => {
  const wanted = documents.flatMap((document) => document.models.map(({ id }) => ({ document, id })));
  const keys = wanted.map(({ document: { item, hash }, id }) => labelKey(item.name, id, hash));
  const rows = await readItems(dynamodb, { table }, keys);
  const found = Map.groupBy(wanted.keys(), (index) => wanted[index]?.document);
  return (document, _, model) => {
    const index = found.get(document)?.find((one) => wanted[one]?.id === model.id);
    return index === undefined ? undefined : ofModel(labelOn(rows[index], rowPrefix(model)), model);
  };
};
