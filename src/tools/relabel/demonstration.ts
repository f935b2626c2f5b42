import { join } from 'node:path';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { must } from '../../errors.ts';
import { relabelItems } from '../../pipeline/relabel/relabel-items.ts';
import type { LabelStoreName } from '../../stores/label-stores.ts';
import { batchWriter } from '../../stores/dynamodb/batch-write.ts';
import { LABELS_TABLE_KEYS } from '../../stores/labels-table.ts';
import { readConfig } from '../../wire/config.ts';
import { documentSettings, openLabels } from '../../wire/labels.ts';
import { chunks } from '../chunks.ts';
import { LOCAL_CREDENTIALS, localRegion } from '../emulators/aws/aws-clients.ts';
import { startEmulators } from '../emulators/aws/emulators.ts';
import { createTables } from '../emulators/aws/tables.ts';
import { generateMessages } from '../ingest/input/messages.ts';
import { openModel } from './model.ts';
import { emulated, type RelabelTarget } from './target.ts';

export interface DemonstrationOptions {
  /** `name@version`, to relabel with. */
  readonly model: string;
  /** The model whose labels are there already. */
  readonly former: string;
  readonly records: number;
  readonly store: LabelStoreName;
}

const TABLE = 'documents';
const LABELS = 'labels';

const tableOf = (TableName: string, keys: readonly string[]) => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
});

/**
 * An embedded DynamoDB with a table as a user's may be: generated messages, four of five with the label of another
 * model; one of twenty has been edited since.
 *
 * @param root the project's folder
 */
export const openDemonstration = async (
  root: string,
  { model, former, records, store }: DemonstrationOptions,
): Promise<RelabelTarget & { close(): Promise<void> }> => {
  const { endpoints, stop } = await startEmulators({ services: ['dynamodb'] });
  const endpoint = must(endpoints.AWS_ENDPOINT_URL_DYNAMODB, 'endpoint of the embedded DynamoDB');
  const region = localRegion();
  const clientOf = () =>
    new DynamoDBClient({ region, ...emulated(endpoint), credentials: LOCAL_CREDENTIALS });
  const [owner, dynamodb] = [clientOf(), clientOf()];
  const close = async (): Promise<void> => {
    for (const client of [owner, dynamodb]) client.destroy();
    await stop();
  };
  try {
    await createTables(owner, {
      tables: { documents: tableOf(TABLE, ['id']), labels: tableOf(LABELS, LABELS_TABLE_KEYS) },
    });
    const config = readConfig({
      ...{ DOCUMENTS_TABLE: TABLE, REJECTS_TABLE: TABLE, LABELS_TABLE: LABELS, LABEL_STORE: store },
      MODEL: model,
      MODELS_DIR: join(root, 'models'),
    });
    const settings = documentSettings(config);
    const { models } = await openModel(root, former, { config, verify: false });
    const labels = openLabels(owner, config);
    const write = batchWriter(owner, { table: TABLE, keys: ['id'] });
    const texts = [...generateMessages({ count: records })];
    const items = texts.map((text, index) => ({ id: { S: `message-${index}` }, text: { S: text } }));
    for (const chunk of chunks(items, 1_000)) await write(chunk);
    const labelled = items.filter((_, index) => index % 5 > 0);
    for (const chunk of chunks(labelled, 1_000))
      await relabelItems(chunk, { models, labels, settings, where: 'missing', chunkSize: 250 });
    const edited = labelled.filter((_, index) => index % 20 === 0);
    for (const { id } of edited) {
      const text = { S: `About ${id.S}: how long does a transfer take?` };
      await owner.send(
        new UpdateItemCommand({
          TableName: TABLE,
          Key: { id },
          UpdateExpression: 'SET #text = :text',
          ExpressionAttributeNames: { '#text': 'text' },
          ExpressionAttributeValues: { ':text': text },
        }),
      );
    }
    const place = `an embedded table of ${records} messages, most with labels of ${former}`;
    return { config, dynamodb, region, place, live: undefined, close };
  } catch (error) {
    await close();
    throw error;
  }
};
