import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { failure } from '../pipeline/outcome.ts';
import type { LabelStore, LabelWrite, WriteResult } from '../pipeline/store.ts';
import { batchWriter, type Item, type PutResult } from './batch-write.ts';
import { expiryOf, scoreText } from './wire-format.ts';

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
      const results = await write(
        writes.map((one) => ({ ...labelItem(one), ...expiry })),
        options,
      );
      return results.map(toWriteResult);
    },
  };
};

/** The `content` key under which a model's label of a text is found. */
export const contentKey = (model: string, textHash: string): string => `${model}#${textHash}`;

const labelItem = ({ document, label }: LabelWrite): Item => ({
  item: { S: document.item.name },
  content: { S: contentKey(document.model.id, document.hash) },
  label: { S: label.label },
  label_score: { N: scoreText(label.score) },
  label_model: { S: document.model.id },
  label_hash: { S: document.hash },
});

const toWriteResult = (result: PutResult): WriteResult =>
  result.ok ? { kind: 'labelled' } : failure(result.error);
