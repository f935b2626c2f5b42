import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { PermanentError } from '../errors.ts';
import { classify } from '../pipeline/classify.ts';
import { type Document, type DocumentSettings, itemOf, verdictOf } from '../pipeline/document.ts';
import type { Models } from '../pipeline/model.ts';
import { contentKey } from '../stores/labels-table.ts';
import { fromWire } from '../stores/wire-format.ts';
import { EXPECTED_LABEL } from './producer.ts';

type Item = Readonly<Record<string, AttributeValue>>;

/** A label as it was found, and the hash of the text it was given for. */
interface Found {
  readonly label: string | undefined;
  readonly hash: string | undefined;
}

export interface VerifyOptions {
  readonly settings: DocumentSettings;
  /** The labels table, where labels are not on the items. */
  readonly labelsTable?: string;
}

/** What the documents table and its labels are like at the end. */
export interface Verification {
  readonly items: number;
  /** Items with a text and without a label of their model. Texts that no model takes are among the rejects instead. */
  readonly lost: number;
  /** Items whose label is not the one that a fresh classification of the text they hold gives. */
  readonly wrong: number;
  /** Of the items that say what their label should be, how many have it, from 0 to 1. */
  readonly accuracy?: number;
  /** The ten most frequent labels. */
  readonly labels: readonly { readonly label: string; readonly items: number }[];
}

/**
 * Classifies the text of every item anew and compares the result with the label it bears. Goes page by page, so that
 * memory does not grow with the table.
 *
 * @param models as the function has them
 */
export const verify = async (
  dynamodb: DynamoDBClient,
  models: Models,
  { settings, labelsTable }: VerifyOptions,
): Promise<Verification> => {
  const counts = { items: 0, lost: 0, wrong: 0, expected: 0, right: 0 };
  const labels = new Map<string, number>();
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName: settings.table })) {
    counts.items += Items.length;
    const documents = Items.map((item) => documentOf(item, models, settings));
    const present = documents.filter((document) => document !== undefined);
    const fresh = await classify(present, models);
    const found = labelsTable === undefined ? undefined : await readLabels(dynamodb, labelsTable, present);
    let next = 0;
    for (const [index, item] of Items.entries()) {
      const document = documents[index];
      if (document === undefined) continue;
      const classification = fresh[next++];
      const label = found ? found.get(labelKey(document)) : labelOn(item, document);
      if (label?.label === undefined) {
        counts.lost += 1;
        continue;
      }
      const right =
        classification !== undefined && 'labels' in classification
          ? classification.labels[0]?.label
          : undefined;
      if (label.label !== right || label.hash !== document.hash) counts.wrong += 1;
      labels.set(label.label, (labels.get(label.label) ?? 0) + 1);
      const expected = item[EXPECTED_LABEL]?.S;
      if (expected !== undefined) counts.expected += 1;
      if (expected === label.label) counts.right += 1;
    }
  }
  const top = [...labels].sort(([, a], [, b]) => b - a).slice(0, 10);
  return {
    items: counts.items,
    lost: counts.lost,
    wrong: counts.wrong,
    ...(counts.expected > 0 && { accuracy: counts.right / counts.expected }),
    labels: top.map(([label, items]) => ({ label, items })),
  };
};

/** The document that an item is, labelled or not; undefined where there is nothing that can be classified. */
const documentOf = (item: Item, models: Models, settings: DocumentSettings): Document | undefined => {
  const unlabelled = Object.entries(item).filter(([name]) => !name.endsWith('_hash'));
  const newImage = fromWire(Object.fromEntries(unlabelled));
  const change = { eventName: 'INSERT', newImage } as const;
  try {
    const verdict = verdictOf(change, itemOf(change, '', settings), models, settings);
    return verdict.kind === 'document' ? verdict.document : undefined;
  } catch (error) {
    if (error instanceof PermanentError) return undefined;
    throw error;
  }
};

const labelOn = (item: Item, { model }: Document): Found | undefined =>
  item[`${model.attribute}_model`]?.S === model.id
    ? { label: item[model.attribute]?.S, hash: item[`${model.attribute}_hash`]?.S }
    : undefined;

const labelKey = ({ item, model, hash }: Document): string => `${item.name} ${contentKey(model.id, hash)}`;

/** BatchGetItem takes 100 keys in a call. */
const GET_SIZE = 100;

const readLabels = async (dynamodb: DynamoDBClient, table: string, documents: readonly Document[]) => {
  const found = new Map<string, Found>();
  const calls = Array.from({ length: Math.ceil(documents.length / GET_SIZE) }, (_, call) =>
    documents.slice(call * GET_SIZE, (call + 1) * GET_SIZE),
  );
  await pMap(
    calls,
    async (call) => {
      let keys: Item[] | undefined = call.map(({ item, model, hash }) => ({
        item: { S: item.name },
        content: { S: contentKey(model.id, hash) },
      }));
      while (keys !== undefined && keys.length > 0) {
        const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys } } });
        const answer: BatchGetItemCommandOutput = await dynamodb.send(command);
        for (const { item, content, label, label_hash } of answer.Responses?.[table] ?? []) {
          found.set(`${item?.S} ${content?.S}`, { label: label?.S, hash: label_hash?.S });
        }
        keys = answer.UnprocessedKeys?.[table]?.Keys;
      }
    },
    { concurrency: 8 },
  );
  return found;
};
