import { partiqlLabels } from '../../src/stores/partiql.ts';
import { updateItemLabels } from '../../src/stores/update-item.ts';
import { describeLabelStore } from '../contract/label-store.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { inLabelsTable, onItems } from '../support/label-stores.ts';

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.stop());

describeLabelStore('partiql', () => onItems(dynamodb, (table) => partiqlLabels(dynamodb.client, { table })));
describeLabelStore('update-item', () =>
  onItems(dynamodb, (table) => updateItemLabels(dynamodb.client, { table })),
);
describeLabelStore('labels-table', () => inLabelsTable(dynamodb));
