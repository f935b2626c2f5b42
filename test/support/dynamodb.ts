import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  type StreamViewType,
} from '@aws-sdk/client-dynamodb';
import { LOCAL_CREDENTIALS } from '../../src/tools/emulators/aws/aws-clients.ts';
import { type Emulators, startEmulators } from '../../src/tools/emulators/aws/emulators.ts';

export interface TestDynamoDb {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  readonly emulators: Emulators;
  /** Creates an empty table with keys of type `S` and gives its name, a new one each time. */
  createTable(...keys: readonly [string] | readonly [string, string]): Promise<string>;
  createNamedTable(name: string, keys: readonly string[]): Promise<void>;
  create(table: TableDefinition): Promise<CreatedTable>;
  put(table: string, item: Readonly<Record<string, string>>): Promise<void>;
  /** All items, as plain objects: numbers as numbers, binary as bytes. */
  items(table: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  stop(): Promise<void>;
}

export interface TableDefinition {
  /** A new one each time unless given. */
  readonly name?: string;
  /** Partition key and sort key: an attribute's name, or with its type, which is `S` unless given. */
  readonly keys: readonly (string | { readonly name: string; readonly type: 'S' | 'N' | 'B' })[];
  /** Images in the table's stream; without it there is no stream, and the embedded DynamoDB knows none. */
  readonly stream?: StreamViewType;
}

export interface CreatedTable {
  readonly name: string;
  /** The ARN of its stream. */
  readonly stream: string | undefined;
}

const plain = ({ S, N, B, BOOL, SS, L, M }: AttributeValue): unknown => {
  if (N !== undefined) return Number(N);
  if (L !== undefined) return L.map(plain);
  if (M !== undefined)
    return Object.fromEntries(Object.entries(M).map(([name, value]) => [name, plain(value)]));
  return S ?? B ?? BOOL ?? SS?.toSorted();
};

let tables = 0;

/**
 * A DynamoDB for the tests of one file: the one at `endpoint`, which `npm run test:dynamodb-local` puts into the
 * environment, else an embedded one of their own.
 */
export const startDynamoDb = async ({
  endpoint = process.env.DYNAMODB_LOCAL_ENDPOINT,
}: { readonly endpoint?: string | undefined } = {}): Promise<TestDynamoDb> => {
  const emulators =
    endpoint === undefined ? await startEmulators({ services: ['dynamodb'] }) : external(endpoint);
  const url = emulators.endpoints.AWS_ENDPOINT_URL_DYNAMODB ?? '';
  const client = new DynamoDBClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: LOCAL_CREDENTIALS,
    maxAttempts: 1,
  });
  // Test files may share a server.
  const run = randomUUID().slice(0, 8);
  const create = async ({ name = `table-${run}-${++tables}`, keys, stream }: TableDefinition) => {
    const typed = keys.map((key) => (typeof key === 'string' ? { name: key, type: 'S' as const } : key));
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: typed.map((key) => ({ AttributeName: key.name, AttributeType: key.type })),
        KeySchema: typed.map((key, index) => ({
          AttributeName: key.name,
          KeyType: index === 0 ? 'HASH' : 'RANGE',
        })),
        ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream } }),
      }),
    );
    const describe = async () =>
      (await client.send(new DescribeTableCommand({ TableName: name }))).Table ?? {};
    let table = await describe();
    while (table.TableStatus !== 'ACTIVE') table = await describe();
    return { name, stream: table.LatestStreamArn };
  };
  return {
    endpoint: url,
    client,
    emulators,
    createTable: async (...keys) => (await create({ keys })).name,
    createNamedTable: async (name, keys) => {
      await create({ name, keys });
    },
    create,
    put: async (TableName, item) => {
      const Item = Object.fromEntries(Object.entries(item).map(([name, S]) => [name, { S }]));
      await client.send(new PutItemCommand({ TableName, Item }));
    },
    items: async (TableName) => {
      const { Items = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
      return Items.map((item) =>
        Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)])),
      );
    },
    stop: async () => {
      client.destroy();
      await emulators.stop();
    },
  };
};

/** A server that somebody else started and will stop. */
const external = (endpoint: string): Emulators => ({
  endpoints: { AWS_ENDPOINT_URL_DYNAMODB: endpoint },
  stop: () => Promise.resolve(),
});
