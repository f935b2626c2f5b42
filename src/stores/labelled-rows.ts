import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { must } from '../errors.ts';
import type { Document } from '../pipeline/items/document.ts';
import type { Model } from '../tasks/model.ts';
import { readItems } from './dynamodb/read-items.ts';
import { labelKey, LABELS_TABLE_KEYS } from './labels-table.ts';

/** Finds out whether a labels table has the rows of a model for documents: half a read unit for each. */
export const labelledRows =
  (dynamodb: DynamoDBClient, table: string, model: Model) =>
  async (documents: readonly Document[]): Promise<readonly boolean[]> => {
    const keys = documents.map(({ item, hash }) => labelKey(item.name, model.id, hash));
    const distinct = [...new Map(keys.map((key) => [JSON.stringify(key), key])).entries()];
    if (distinct.length === 0) return [];
    const rows = await readItems(
      dynamodb,
      { table, attributes: [...LABELS_TABLE_KEYS] },
      distinct.map(([, key]) => key),
    );
    const found = new Map(distinct.map(([name], index) => [name, rows[index] !== undefined]));
    return keys.map((key) => must(found.get(JSON.stringify(key)), 'row of a document'));
  };
