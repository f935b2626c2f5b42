import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TransientError } from '../errors.ts';
import { sha256 } from '../tasks/content-hash.ts';
import type { Document } from '../pipeline/items/document.ts';
import { failure, worstOf } from '../pipeline/outcome.ts';
import type { LabelStore, ModelLabel, WriteResult } from '../pipeline/destinations.ts';
import { batchWriter, type Item, type PutResult } from './dynamodb/batch-write.ts';
import { labelOnItem } from './dynamodb/compare-and-set.ts';
import type { Task } from '../tasks/task.ts';
import { expiryOf, valueToWire } from './dynamodb/wire-format.ts';

/** The key attributes of a labels table: the item's name, and which model's label of which text it is. */
export const LABELS_TABLE_KEYS = ['item', 'content'] as const;

export interface LabelsTableOptions {
  readonly table: string;
  /** The task of the answers. */
  readonly task: Task;
  /** Days after which a label may expire (`expires_at`, the table's TTL attribute); 0: never. */
  readonly ttlDays?: number;
  /** Concurrent `BatchWriteItem` calls. */
  readonly concurrency?: number;
  /** Now, in ms since 1970. */
  readonly now?: () => number;
}

/**
 * Labels in a table of their own, content-addressed: the item's name and `model@version#sha256(text)`. Writes are
 * idempotent and independent of their order, so duplicates and reordering do no harm; a reader queries the label of the
 * text that the item holds.
 */
export const labelsTable = (
  client: DynamoDBClient,
  { table, task, ttlDays = 0, concurrency = 8, now = Date.now }: LabelsTableOptions,
): LabelStore => {
  const write = batchWriter(client, { table, keys: LABELS_TABLE_KEYS, concurrency });
  return {
    put: async (writes, options = {}) => {
      const expiry = expiryOf(ttlDays, Math.ceil(now() / 1000));
      const rows = writes.flatMap(({ document, labels }, index) =>
        labels.flatMap((label) =>
          // An item without a label needs no row.
          label.answer === undefined
            ? []
            : [{ index, row: { ...labelItem(document, label, task), ...expiry } }],
        ),
      );
      const results = await write(
        rows.map(({ row }) => row),
        options,
      );
      const byWrite = Map.groupBy(rows.entries(), ([, { index }]) => index);
      return writes.map((_, index) => {
        const kinds = (byWrite.get(index) ?? []).map(([position]) => toWriteResult(results[position]));
        return kinds.length === 0 ? { kind: 'unchanged' } : worstOf(kinds);
      });
    },
  };
};

/** The most bytes of a partition key. */
const MAX_KEY_BYTES = 2_048;

/**
 * The `item` key of an item's labels: its name, `table{"id":{"S":"a"}}`. The name of an item with a long key may be
 * longer than a partition key can be: then it is the table and the sha256 of the name.
 */
export const itemKey = (name: string): string =>
  Buffer.byteLength(name) <= MAX_KEY_BYTES ? name : `${name.slice(0, name.indexOf('{'))}#${sha256(name)}`;

/** The `content` key of a model's label of a text. */
export const contentKey = (model: string, textHash: string): string => `${model}#${textHash}`;

/** The key of a model's label of a text. @param name of the item */
export const labelKey = (name: string, model: string, hash: string): Item => ({
  item: { S: itemKey(name) },
  content: { S: contentKey(model, hash) },
});

const labelItem = ({ item, hash }: Document, { model, answer }: ModelLabel, task: Task): Item => {
  const { set } = labelOnItem({ model: { ...model, attribute: 'label' }, answer }, hash, task);
  return {
    ...labelKey(item.name, model.id, hash),
    ...Object.fromEntries(set.map(({ name, value }) => [name, valueToWire(value)])),
  };
};

const toWriteResult = (result: PutResult | undefined): WriteResult =>
  result?.ok === true
    ? { kind: 'labelled' }
    : failure(result?.error ?? new TransientError('a label got no answer'));
