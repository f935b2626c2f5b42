import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  type KeysAndAttributes,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { contentKey, itemKey } from '../../../stores/labels-table.ts';
import { labelNames } from '../../../tasks/label-names.ts';
import { fromAws } from './errors.ts';
import type { Item } from './items.ts';

/** An item's label as it was found. */
export interface FoundLabel {
  readonly label: string;
  /** `name@version` */
  readonly model: string;
}

/** An item whose label is looked for, and the text that it should be for. */
export interface Wanted {
  readonly keys: Item;
  /** The name under which a labels table has it. */
  readonly name: string;
  /** sha256 of the text, hexadecimal. */
  readonly hash: string;
}

export interface LabelPlaces {
  readonly table: string;
  /** Prefix of the attributes, and the model whose labels a labels table is asked for. */
  readonly attribute: string;
  readonly model: string;
  /** Where labels are not on the items. */
  readonly labelsTable: string | undefined;
}

/** BatchGetItem takes 100 keys in a call. */
const GET_SIZE = 100;

const ATTEMPTS = 10;

/** Attributes of a label in a labels table. */
const ROW = labelNames('label');

/** Reads the labels of items, eventually consistent: half a read unit for each item of up to 4 KB. */
export const labelReader = (dynamodb: DynamoDBClient, places: LabelPlaces) => {
  const { table, attribute, model, labelsTable } = places;
  const request = (wanted: readonly Wanted[]): KeysAndAttributes =>
    labelsTable === undefined
      ? {
          Keys: wanted.map(({ keys }) => keys),
          ProjectionExpression: [
            ...Object.keys(wanted[0]?.keys ?? {}).map((_, key) => `#k${key}`),
            '#l',
            '#m',
            '#h',
          ].join(', '),
          ExpressionAttributeNames: {
            ...Object.fromEntries(Object.keys(wanted[0]?.keys ?? {}).map((name, key) => [`#k${key}`, name])),
            '#l': attribute,
            '#m': labelNames(attribute).model,
            '#h': labelNames(attribute).hash,
          },
        }
      : {
          Keys: wanted.map(({ name, hash }) => ({
            item: { S: itemKey(name) },
            content: { S: contentKey(model, hash) },
          })),
          ProjectionExpression: '#i, #l, #m, #h',
          ExpressionAttributeNames: { '#i': 'item', '#l': ROW.label, '#m': ROW.model, '#h': ROW.hash },
        };
  const from = labelsTable ?? table;
  const prefix = labelsTable === undefined ? attribute : 'label';
  const idOf = (item: Item, { keys }: Wanted): string =>
    labelsTable === undefined
      ? Object.keys(keys)
          .map((name) => item[name]?.S)
          .join('\n')
      : (item.item?.S ?? '');

  const read = async (wanted: readonly Wanted[]): Promise<readonly (FoundLabel | undefined)[]> => {
    const [first] = wanted;
    if (first === undefined) return [];
    const items = new Map<string, Item>();
    let left: KeysAndAttributes | undefined = request(wanted);
    for (let attempt = 0; left?.Keys?.length; attempt += 1) {
      if (attempt > 0) await sleep(Math.random() * 50 * 2 ** attempt);
      if (attempt === ATTEMPTS) break;
      const answer: BatchGetItemCommandOutput = await dynamodb
        .send(new BatchGetItemCommand({ RequestItems: { [from]: left } }))
        .catch((cause: unknown) => {
          throw fromAws(`Reading labels from table ${from}`, cause);
        });
      for (const item of answer.Responses?.[from] ?? []) items.set(idOf(item, first), item);
      left = answer.UnprocessedKeys?.[from];
    }
    return wanted.map((one) => {
      const item = items.get(labelsTable === undefined ? idOf(one.keys, one) : itemKey(one.name));
      const label = item?.[prefix]?.S;
      // A label of another text is not the one that is waited for.
      if (label === undefined || item?.[labelNames(prefix).hash]?.S !== one.hash) return undefined;
      return { label, model: item[labelNames(prefix).model]?.S ?? '' };
    });
  };

  /** One answer per item, in their order; undefined where it has no label for that text yet. */
  return async (wanted: readonly Wanted[]): Promise<readonly (FoundLabel | undefined)[]> => {
    const calls = Array.from({ length: Math.ceil(wanted.length / GET_SIZE) }, (_, call) =>
      wanted.slice(call * GET_SIZE, (call + 1) * GET_SIZE),
    );
    return (await pMap(calls, read, { concurrency: 4 })).flat();
  };
};
