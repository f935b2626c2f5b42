import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { LOCAL_CREDENTIALS } from '../../src/local/emulators/aws-clients.ts';
import { type Emulators, startEmulators } from '../../src/local/emulators/emulators.ts';
import { createTables } from '../../src/local/tables.ts';

export interface TestDynamoDb {
  readonly client: DynamoDBClient;
  readonly emulators: Emulators;
  /** Creates an empty table and gives its name, a new one each time. */
  createTable(...keys: readonly [string] | readonly [string, string]): Promise<string>;
  createNamedTable(name: string, keys: readonly string[]): Promise<void>;
  put(table: string, item: Readonly<Record<string, string>>): Promise<void>;
  /** All items, as plain objects: numbers as numbers, binary as bytes. */
  items(table: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  stop(): Promise<void>;
}

let tables = 0;

/** An embedded DynamoDB for the tests of one file. */
export const startDynamoDb = async (): Promise<TestDynamoDb> => {
  const emulators = await startEmulators({ services: ['dynamodb'] });
  const client = new DynamoDBClient({
    endpoint: emulators.endpoints.AWS_ENDPOINT_URL_DYNAMODB ?? '',
    region: 'us-east-1',
    credentials: LOCAL_CREDENTIALS,
    maxAttempts: 1,
  });
  const create = (TableName: string, keys: readonly string[]) => {
    const properties = {
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: keys.map((AttributeName, index) => ({
        AttributeName,
        KeyType: index === 0 ? 'HASH' : 'RANGE',
      })),
    };
    return createTables(client, { tables: { [TableName]: properties } });
  };
  return {
    client,
    emulators,
    createTable: async (...keys) => {
      tables += 1;
      await create(`table-${tables}`, keys);
      return `table-${tables}`;
    },
    createNamedTable: create,
    put: async (TableName, item) => {
      const Item = Object.fromEntries(Object.entries(item).map(([name, S]) => [name, { S }]));
      await client.send(new PutItemCommand({ TableName, Item }));
    },
    items: async (TableName) => {
      const { Items = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
      return Items.map((item) =>
        Object.fromEntries(
          Object.entries(item).map(([name, { S, N, B }]) => [name, N === undefined ? (S ?? B) : Number(N)]),
        ),
      );
    },
    stop: async () => {
      client.destroy();
      await emulators.stop();
    },
  };
};
