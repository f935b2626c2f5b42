import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LabelStore } from '../../../pipeline/destinations.ts';
import type { DocumentSettings } from '../../../pipeline/items/document.ts';
import type { LabelStoreName } from '../../../stores/label-stores.ts';
import { labelsTable } from '../../../stores/labels-table.ts';
import { partiqlLabels } from '../../../stores/partiql.ts';
import { patientLabels } from '../../../stores/patient.ts';
import { updateItemLabels } from '../../../stores/update-item.ts';
import type { World } from './world.ts';

export const MAX_TEXT_CHARACTERS = 100_000;

/** Faults are over after some calls, not after some time. */
export const PATIENCE = { pauseMs: 1, maxPauseMs: 1 };

const STORE: Readonly<
  Record<LabelStoreName, (client: DynamoDBClient, tables: World['tables']) => LabelStore>
> = {
  'update-item': (client, { documents }) => updateItemLabels(client, { table: documents }),
  partiql: (client, { documents }) => partiqlLabels(client, { table: documents, pauseMs: 1 }),
  'labels-table': (client, { labels }) => labelsTable(client, { table: labels }),
};

/** A label store of a world. */
export const toyLabels = (
  store: LabelStoreName,
  client: DynamoDBClient,
  tables: World['tables'],
): LabelStore => patientLabels(STORE[store](client, tables), PATIENCE);

/** How the items of a world are read. */
export const toySettings = (store: LabelStoreName, { tables, place }: World): DocumentSettings => ({
  table: tables.documents,
  keyAttributes: [place.key],
  textAttributes: [{ name: place.textAttribute, path: [place.textAttribute], encoding: 'plain' }],
  modelAttribute: 'model_type',
  labelsElsewhere: store === 'labels-table',
  maxTextCharacters: MAX_TEXT_CHARACTERS,
});
