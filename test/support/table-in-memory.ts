import { memoryClient } from '../../src/tools/chaos/histories/memory-client.ts';
import { memoryDynamoDb } from '../../src/tools/chaos/histories/memory-dynamodb.ts';
import { memoryTable } from '../../src/tools/chaos/histories/memory-table.ts';
import type { LabelStoreName } from '../../src/stores/label-stores.ts';
import { toyModels } from '../../src/tools/chaos/histories/toy-models.ts';
import { TABLE_KEYS } from '../../src/tools/chaos/histories/world.ts';
import { toStreamRecords } from '../../src/pipeline/records/kinesis-event.ts';
import { labelBatch } from '../../src/pipeline/label-batch.ts';
import type { LabelStore } from '../../src/pipeline/destinations.ts';
import type { Item } from '../../src/stores/dynamodb/batch-write.ts';
import { labelsTable } from '../../src/stores/labels-table.ts';
import { partiqlLabels } from '../../src/stores/partiql.ts';
import { rejectsTable } from '../../src/stores/rejects-table.ts';
import { updateItemLabels } from '../../src/stores/update-item.ts';
import { NO_DEADLINE, SETTINGS } from './fakes.ts';
import { kinesisEvent } from './records.ts';

/**
 * Sends a Kinesis event of these data through the pipeline, the SDK's own client and a DynamoDB in memory.
 *
 * @param items that the table holds
 * @returns the outcomes, and what the tables hold then
 */
export const sendToTable = async (
  items: readonly Item[],
  datas: readonly string[],
  store: LabelStoreName = 'update-item',
) => {
  const tables = {
    documents: memoryTable(TABLE_KEYS.documents),
    rejects: memoryTable(TABLE_KEYS.rejects),
    labels: memoryTable(TABLE_KEYS.labels),
  };
  for (const item of items) tables.documents.put(item);
  const client = memoryClient(memoryDynamoDb(tables));
  const labels: Record<LabelStoreName, () => LabelStore> = {
    'update-item': () => updateItemLabels(client, { table: 'documents', pauseMs: 1 }),
    partiql: () => partiqlLabels(client, { table: 'documents', pauseMs: 1 }),
    'labels-table': () => labelsTable(client, { table: 'labels' }),
  };
  const { outcomes } = await labelBatch(
    toStreamRecords(kinesisEvent(datas)),
    {
      models: toyModels(),
      labels: labels[store](),
      rejects: rejectsTable(client, { table: 'rejects' }),
      settings: { ...SETTINGS, labelsElsewhere: store === 'labels-table' },
    },
    NO_DEADLINE,
  );
  return {
    kinds: outcomes.map(({ kind }) => kind),
    items: tables.documents.items(),
    labels: tables.labels.items(),
    rejects: tables.rejects.items(),
  };
};
