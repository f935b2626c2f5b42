import { DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { readConfig } from '../../wire/config.ts';
import type { KinesisEvent } from '../../pipeline/records/kinesis-event.ts';
import { batchWriter } from '../../stores/dynamodb/batch-write.ts';
import { LABELS_TABLE_KEYS } from '../../stores/labels-table.ts';
import { toWire } from '../../stores/dynamodb/wire-format.ts';
import { LOCAL_CREDENTIALS, localClients } from '../emulators/aws/aws-clients.ts';
import { startEmulators } from '../emulators/aws/emulators.ts';
import { labelsOf, rejectSummary, scan } from './inspect.ts';
import { itemsOf, seedOf } from './seed.ts';
import type { Service } from '../serverless-yml/service.ts';
import { createTables } from '../emulators/aws/tables.ts';
import { must } from '../../errors.ts';

/** An embedded DynamoDB, ready for one invocation. */
export interface Invocation {
  /** The function's environment, with the endpoint of this DynamoDB and dummy credentials. */
  readonly env: Readonly<Record<string, string>>;
  /** The content of the tables afterwards: labels of items, labels of the labels table, rejects; never a text. */
  results(): AsyncGenerator<Readonly<Record<string, unknown>>>;
  /** Puts the event's items back as they were before the invocation. */
  reset(): Promise<void>;
  /** Ends the DynamoDB; may be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a DynamoDB with the service's tables, which hold the items as they are after the event's changes. An event of
 * another table gets a table of that name and key.
 * @param environment the function's environment, as the service defines it
 * @throws ConfigError for an environment and TypeError for an event that the function would refuse, too
 */
export const prepareInvocation = async (
  service: Service,
  environment: Readonly<Record<string, string | undefined>>,
  event: KinesisEvent,
): Promise<Invocation> => {
  const config = readConfig(environment);
  const [documents, own] = documentsTable(service, config.DOCUMENTS_TABLE);
  const seed = seedOf(event, own, config.KEY_ATTRIBUTES);
  const table = seed.table.TableName;
  const keys = keyNames(seed.table);
  const { endpoints, stop } = await startEmulators({ services: ['dynamodb'] });
  const clients = localClients(endpoints);
  const end = async (): Promise<void> => {
    clients.destroy();
    await stop();
  };
  const reset = async (): Promise<void> => {
    for (const result of await batchWriter(clients.dynamodb, { table, keys })(seed.items)) {
      if (!result.ok) throw result.error;
    }
  };
  try {
    await createTables(clients.dynamodb, {
      ...service,
      tables: { ...service.tables, [documents]: seed.table },
    });
    await reset();
  } catch (error) {
    await end();
    throw error;
  }
  return {
    env: {
      DOCUMENTS_TABLE: table,
      KEY_ATTRIBUTES: keys.join(','),
      // Nothing is sent to the destination of the stage.
      FORWARD_TO: '',
      // The embedded DynamoDB has no PartiQL; update-item writes the same under the same condition.
      ...(config.LABEL_STORE === 'partiql' && { LABEL_STORE: 'update-item' }),
      AWS_ENDPOINT_URL_DYNAMODB: must(endpoints.AWS_ENDPOINT_URL_DYNAMODB, 'endpoint of DynamoDB'),
      AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    },
    results: async function* () {
      for await (const item of scan(clients.dynamodb, table)) yield labelsOf(item, keys);
      if (config.LABEL_STORE === 'labels-table') {
        for await (const item of scan(clients.dynamodb, must(config.LABELS_TABLE, 'LABELS_TABLE'))) {
          yield labelsOf(item, LABELS_TABLE_KEYS);
        }
      }
      for await (const item of scan(clients.dynamodb, config.REJECTS_TABLE)) yield rejectSummary(item);
    },
    reset,
    stop: end,
  };
};

/**
 * The labels that an event's items have in the DynamoDB of `environment`, which may be the user's own: only those items
 * are read, and nothing is written.
 */
export async function* labelsFor(
  event: KinesisEvent,
  environment: Readonly<Record<string, string | undefined>>,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const { DOCUMENTS_TABLE: table, KEY_ATTRIBUTES: keyAttributes, ...config } = readConfig(environment);
  const dynamodb = new DynamoDBClient();
  try {
    for (const { name, keys } of itemsOf(event, { table, keyAttributes })) {
      const { Item } = await dynamodb.send(new GetItemCommand({ TableName: table, Key: toWire(keys) }));
      if (Item !== undefined) yield labelsOf(Item, Object.keys(keys));
      if (config.LABEL_STORE !== 'labels-table') continue;
      const { Items = [] } = await dynamodb.send(
        new QueryCommand({
          TableName: config.LABELS_TABLE,
          KeyConditionExpression: '#item = :item',
          ExpressionAttributeNames: { '#item': 'item' },
          ExpressionAttributeValues: { ':item': { S: name } },
        }),
      );
      for (const item of Items) yield labelsOf(item, LABELS_TABLE_KEYS);
    }
  } finally {
    dynamodb.destroy();
  }
}

/** Logical name and properties of the table that the function labels; for an existing table its name alone. */
const documentsTable = ({ tables }: Service, TableName: string): [string, Service['tables'][string]] =>
  Object.entries(tables).find(([, properties]) => properties.TableName === TableName) ?? [
    'ExistingTable',
    { TableName },
  ];

const keyNames = ({ KeySchema }: Service['tables'][string]): readonly string[] =>
  (KeySchema as readonly { readonly AttributeName: string }[]).map(({ AttributeName }) => AttributeName);
