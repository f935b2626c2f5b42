import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Document } from '../pipeline/document.ts';
import { failure, worstOf } from '../pipeline/outcome.ts';
import type { LabelStore, ModelLabel, WriteResult } from '../pipeline/store.ts';
import { batchWriter, type Item, type PutResult } from './batch-write.ts';
import { labelOnItem } from './compare-and-set.ts';
import { expiryOf } from './wire-format.ts';

/** The key attributes of a labels table: the item's name, and which model's label of which text it is. */
export const LABELS_TABLE_KEYS = ['item', 'content'] as const;

export interface LabelsTableOptions {
  readonly table: string;
  /** Days after which a label may expire (`expires_at`, the table's TTL attribute); 0 keeps it for good. */
  readonly ttlDays?: number;
  /** `BatchWriteItem` calls under way at a time. */
  readonly concurrency?: number;
  /** Now, in ms since 1970. */
  readonly now?: () => number;
}

/**
 * Labels in a table of their own, content-addressed: the item's name and `model@version#sha256(text)`. What is written
 * does not depend on when or how often, so duplicates and reordering cannot do harm; a reader asks for the label of
 * the text that the item holds.
 */
export const labelsTable = (
  client: DynamoDBClient,
  { table, ttlDays = 0, concurrency = 8, now = Date.now }: LabelsTableOptions,
): LabelStore => {
  const write = batchWriter(client, { table, keys: LABELS_TABLE_KEYS, concurrency });
  return {
    put: async (writes, options = {}) => {
      const expiry = expiryOf(ttlDays, Math.ceil(now() / 1000));
      const rows = writes.map(({ document, labels }) =>
        labels.map((label) => ({ ...labelItem(document, label), ...expiry })),
      );
      const results = await write(rows.flat(), options);
      let next = 0;
      return rows.map(({ length }) => worstOf(results.slice(next, (next += length)).map(toWriteResult)));
    },
  };
};

/** The `content` key under which a model's label of a text is found. */
export const contentKey = (model: string, textHash: string): string => `${model}#${textHash}`;

const labelItem = ({ item, hash }: Document, { model, answer }: ModelLabel): Item => {
  const { set } = labelOnItem({ model: { ...model, attribute: 'label' }, answer }, hash);
  return {
    item: { S: item.name },
    content: { S: contentKey(model.id, hash) },
    ...Object.fromEntries(set.map(({ name, value }) => [name, value])),
  };
};

const toWriteResult = (result: PutResult): WriteResult =>
  result.ok ? { kind: 'labelled' } : failure(result.error);
