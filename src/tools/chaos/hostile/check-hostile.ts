import { describeError } from '../../../errors.ts';
import { labelBatch, type LabelBatchSettings } from '../../../pipeline/label-batch.ts';
import type { Outcome } from '../../../pipeline/outcome.ts';
import { textAttribute } from '../../../tasks/item-text.ts';
import { standalone } from '../../../pipeline/records/unpack.ts';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import { labelsTable } from '../../../stores/labels-table.ts';
import { partiqlLabels } from '../../../stores/partiql.ts';
import { REJECTS_TABLE_KEYS, rejectsTable } from '../../../stores/rejects-table.ts';
import { updateItemLabels } from '../../../stores/update-item.ts';
import { SECRET } from './hostile-records.ts';
import { memoryClient } from '../histories/memory-client.ts';
import { memoryDynamoDb } from '../histories/memory-dynamodb.ts';
import { memoryTable } from '../histories/memory-table.ts';
import type { LabelStoreName } from '../../../stores/label-stores.ts';
import { toyModels } from '../histories/toy-models.ts';
import { TABLE_KEYS } from '../histories/world.ts';

/** The table that hostile records are of. */
export const HOSTILE_TABLE = 'documents';

const SETTINGS: LabelBatchSettings = {
  table: HOSTILE_TABLE,
  keyAttributes: ['id'],
  textAttributes: [textAttribute('text'), textAttribute('textblob', 'json'), textAttribute('message.body')],
  modelAttribute: 'model_type',
  maxTextCharacters: 1_000,
  maxDecodedBytes: 50 * 2 ** 20,
  chunkSize: 7,
  deadlineMarginMs: 100,
};

const NO_DEADLINE = { remainingMs: () => 60_000, signal: () => new AbortController().signal };

/** The limits of DynamoDB for an item. */
const MAX_ITEM_BYTES = 400 * 1024;

/**
 * Sends a batch of hostile records through the pipeline, the SDK and a table in memory. In any case each has exactly
 * one outcome and none is delivered again, every reject is stored, within DynamoDB's limits, and only its payload
 * contains data of the record.
 *
 * @throws Error that lists what is broken
 */
export const checkHostile = async (datas: readonly Buffer[], store: LabelStoreName): Promise<void> => {
  const tables = {
    documents: memoryTable(TABLE_KEYS.documents),
    rejects: memoryTable(REJECTS_TABLE_KEYS),
    labels: memoryTable(TABLE_KEYS.labels),
  };
  for (const id of ['a', 'b']) tables.documents.put({ id: { S: id }, text: { S: SECRET } });
  const client = memoryClient(memoryDynamoDb(tables));
  const labels = {
    'update-item': () => updateItemLabels(client, { table: 'documents', pauseMs: 1 }),
    partiql: () => partiqlLabels(client, { table: 'documents', pauseMs: 1 }),
    'labels-table': () => labelsTable(client, { table: 'labels' }),
  }[store]();
  const batch = datas.map((data, index) => ({
    shard: 'changes/shardId-0',
    sequenceNumber: String(index),
    partitionKey: 'a',
    data: data.toString('base64'),
    arrivedMs: 1_719_347_950_000,
  }));
  const rejects = rejectsTable(client, { table: 'rejects' });
  const settings = { ...SETTINGS, labelsElsewhere: store === 'labels-table' };
  const parts = { models: toyModels(), labels, rejects, settings };
  const { records, outcomes } = await labelBatch(batch, parts, NO_DEADLINE);

  const faults = [
    ...(outcomes.length === records.length
      ? []
      : [`${outcomes.length} outcomes of ${records.length} records`]),
    ...outcomes.flatMap((outcome, index) => faultsOf(outcome, index)),
    ...checkStored(
      tables.rejects.items(),
      outcomes,
      records.map((record) => standalone(record).sequenceNumber),
    ),
    ...[...tables.documents.items(), ...tables.labels.items()].flatMap(toldBy),
  ];
  if (faults.length > 0) throw new Error(faults.join('; '));
};

/** The log of an outcome. */
const faultsOf = (outcome: Outcome, index: number): readonly string[] => {
  if (!('error' in outcome)) return [];
  const description = describeError(outcome.error);
  return [
    ...(outcome.kind === 'failed' ? [`record ${index} failed: ${description}`] : []),
    ...(description.includes(SECRET) ? [`the error of record ${index} contains its text`] : []),
    ...(description.length > 2_000
      ? [`the error of record ${index} has ${description.length} characters`]
      : []),
  ];
};

const checkStored = (
  stored: readonly Item[],
  outcomes: readonly Outcome[],
  sequenceNumbers: readonly string[],
): readonly string[] => {
  const found = new Set(stored.map(({ sequence_number: number }) => number?.S));
  const missing = outcomes.flatMap(({ kind }, index) =>
    kind === 'rejected' && !found.has(sequenceNumbers[index])
      ? [`the reject of record ${index} is not stored`]
      : [],
  );
  return [
    ...missing,
    ...stored.flatMap((item) => {
      const { payload, payload_head: _, ...rest } = item;
      const bytes =
        JSON.stringify(rest).length + ((payload?.B as unknown as string | undefined) ?? '').length;
      return [
        ...(JSON.stringify(rest).includes(SECRET) ? ['a reject contains its text outside its payload'] : []),
        ...(bytes > MAX_ITEM_BYTES ? [`a reject has ${bytes} bytes`] : []),
      ];
    }),
  ];
};

/** Attributes that are written beside a text contain nothing of it. A row of labels has the key of its item. */
const toldBy = ({ id: _, text: __, item: ___, ...written }: Item): readonly string[] =>
  JSON.stringify(written).includes(SECRET) ? ['an attribute that was written contains a text'] : [];
