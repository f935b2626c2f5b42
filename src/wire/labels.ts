import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { must } from '../errors.ts';
import type { LabelStore } from '../pipeline/destinations.ts';
import type { DocumentSettings } from '../pipeline/items/document.ts';
import type { LabelStoreName } from '../stores/label-stores.ts';
import { labelsTable } from '../stores/labels-table.ts';
import { partiqlLabels } from '../stores/partiql.ts';
import { patientLabels } from '../stores/patient.ts';
import { updateItemLabels } from '../stores/update-item.ts';
import type { Config } from './config.ts';
import { textPlaces } from './text-places.ts';

/** How items are read, by the settings. */
export const documentSettings = (config: Config): DocumentSettings => ({
  table: config.DOCUMENTS_TABLE,
  keyAttributes: config.KEY_ATTRIBUTES,
  ...textPlaces(config),
  modelAttribute: config.MODEL_ATTRIBUTE,
  labelsElsewhere: config.LABEL_STORE === 'labels-table',
  maxTextCharacters: config.MAX_TEXT_CHARACTERS,
});

/** The label store of the settings, which waits during an outage. */
export const openLabels = (dynamodb: DynamoDBClient, config: Config): LabelStore =>
  patientLabels(labelStores[config.LABEL_STORE](dynamodb, config));

const labelStores: Record<LabelStoreName, (client: DynamoDBClient, config: Config) => LabelStore> = {
  partiql: (client, { DOCUMENTS_TABLE: table }) => partiqlLabels(client, { table }),
  'update-item': (client, { DOCUMENTS_TABLE: table, WRITE_CONCURRENCY: concurrency }) =>
    updateItemLabels(client, { table, concurrency }),
  'labels-table': (client, { LABELS_TABLE: table, LABEL_TTL_DAYS: ttlDays }) =>
    labelsTable(client, { table: must(table, 'LABELS_TABLE'), ttlDays }),
};
