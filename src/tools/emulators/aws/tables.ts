import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
} from '@aws-sdk/client-kinesis';
import { must } from '../../../errors.ts';
import type { LocalClients } from './aws-clients.ts';
import type { Service } from '../../serverless-yml/service.ts';

/** The properties of a CloudFormation table that `CreateTable` has by the same name, and emulators support. */
const TABLE_PROPERTIES = [
  'TableName',
  'AttributeDefinitions',
  'KeySchema',
  'BillingMode',
  'ProvisionedThroughput',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
];

/** Creates every table of the service, empty, and resolves when they can be used. */
export const createTables = async (
  dynamodb: LocalClients['dynamodb'],
  { tables }: Pick<Service, 'tables'>,
): Promise<void> => {
  await Promise.all(
    Object.values(tables).map(async (properties) => {
      const input = Object.fromEntries(
        Object.entries(properties).filter(([name]) => TABLE_PROPERTIES.includes(name)),
      ) as unknown as CreateTableCommandInput;
      await dynamodb.send(new CreateTableCommand(input));
      const describe = new DescribeTableCommand({ TableName: input.TableName });
      await until(
        async () => (await dynamodb.send(describe)).Table?.TableStatus === 'ACTIVE',
        input.TableName,
      );
    }),
  );
};

/** Creates a stream and resolves when it can be used. @returns its ARN */
export const createStream = async (
  kinesis: LocalClients['kinesis'],
  { name, shards }: { readonly name: string; readonly shards: number },
): Promise<string> => {
  await kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }));
  const describe = new DescribeStreamSummaryCommand({ StreamName: name });
  const summary = async () => (await kinesis.send(describe)).StreamDescriptionSummary;
  await until(async () => (await summary())?.StreamStatus === 'ACTIVE', name);
  return must((await summary())?.StreamARN, `StreamARN of ${name}`);
};

/** Deletes what `createTables` and `createStream` have created. */
export const removeTables = async (
  { dynamodb, kinesis }: LocalClients,
  { tables }: Pick<Service, 'tables'>,
  stream: string,
): Promise<void> => {
  await Promise.allSettled([
    ...Object.values(tables).map(({ TableName }) =>
      dynamodb.send(new DeleteTableCommand({ TableName: String(TableName) })),
    ),
    kinesis.send(new DeleteStreamCommand({ StreamName: stream })),
  ]);
};

/** The SDK's waiters poll once a second; the emulators are ready within milliseconds. */
const until = async (isDone: () => Promise<boolean>, what: string | undefined): Promise<void> => {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    if (await isDone()) return;
    await sleep(20);
  }
  throw new Error(`${what} was created, but is not active after 10 s`);
};
