import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import type { Document } from '../../../pipeline/items/document.ts';
import { labelNames } from '../../../tasks/label-names.ts';
import type { Model } from '../../../tasks/model.ts';
import { contentKey, itemKey } from '../../../stores/labels-table.ts';

type Item = Readonly<Record<string, AttributeValue>>;

/** A label as it was found, the hash of the text it was given for, and the model that a cascade says has spoken. */
export interface FoundLabel {
  readonly label: string | undefined;
  readonly hash: string | undefined;
  readonly by: string | undefined;
}

/** Finds the label of one of a document's models; undefined where there is none. */
export type FindLabel = (document: Document, item: Item, model: Model) => FoundLabel | undefined;

const labelAt = (item: Item | undefined, prefix: string, { id }: Model): FoundLabel | undefined => {
  const { label, model, hash, optional } = labelNames(prefix);
  return item?.[model]?.S === id
    ? { label: item[label]?.S, hash: item[hash]?.S, by: item[optional.by]?.S }
    : undefined;
};

/** On the items themselves. */
export const labelsOnItems: FindLabel = (_, item, model) => labelAt(item, model.attribute, model);

/** BatchGetItem takes 100 keys in a call. */
const GET_SIZE = 100;

/** In a labels table, from which those of these documents are read at once. */
export const labelsInTable = async (
  dynamodb: DynamoDBClient,
  table: string,
  documents: readonly Document[],
): Promise<FindLabel> => {
  const rows = new Map<string, Item>();
  const wanted = documents.flatMap(({ item, hash, models }) =>
    models.map(({ id }) => ({ item: { S: itemKey(item.name) }, content: { S: contentKey(id, hash) } })),
  );
  const calls = Array.from({ length: Math.ceil(wanted.length / GET_SIZE) }, (_, call) =>
    wanted.slice(call * GET_SIZE, (call + 1) * GET_SIZE),
  );
  const read = async (call: readonly Item[]): Promise<void> => {
    let keys: Item[] | undefined = [...call];
    while (keys !== undefined && keys.length > 0) {
      const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys } } });
      const answer: BatchGetItemCommandOutput = await dynamodb.send(command);
      for (const row of answer.Responses?.[table] ?? []) rows.set(`${row.item?.S} ${row.content?.S}`, row);
      keys = answer.UnprocessedKeys?.[table]?.Keys;
    }
  };
  await pMap(calls, read, { concurrency: 8 });
  return ({ item, hash }, _, model) =>
    labelAt(rows.get(`${itemKey(item.name)} ${contentKey(model.id, hash)}`), 'label', model);
};
