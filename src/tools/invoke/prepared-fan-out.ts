import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { readFanOutConfig } from '../../wire/config.ts';
import {
  type DynamoDbEvent,
  type TableChange,
  toTableChanges,
} from '../../pipeline/records/dynamodb-event.ts';
import { LOCAL_CREDENTIALS, localClients } from '../emulators/aws/aws-clients.ts';
import { type Endpoints, startEmulators } from '../emulators/aws/emulators.ts';
import { forwardedOf, forwardedSummary } from './forwarded.ts';
import { rejectSummary } from './inspect.ts';
import type { Invocation } from './prepared-invocation.ts';
import type { Service } from '../serverless-yml/service.ts';
import { openTail, type TailRecord } from '../emulators/event-source/stream-tail.ts';
import { createStream, createTables } from '../emulators/aws/tables.ts';

/** An embedded DynamoDB and Kinesis, ready for one invocation of the fan-out function. */
export interface FanOutInvocation extends Omit<Invocation, 'reset'> {
  /** The forwarded changes of the event, in its order. */
  forwarded(): Promise<readonly TailRecord[]>;
}

/**
 * Starts a DynamoDB with the table of rejects and a Kinesis with the stream.
 *
 * @param environment the function's, as the service defines it
 * @param own endpoints to use instead, with the credentials of this process: table and stream have to exist
 * @throws ConfigError for an environment and TypeError for an event that the function would refuse, too
 */
export const prepareFanOut = async (
  { tables }: Pick<Service, 'tables'>,
  environment: Readonly<Record<string, string | undefined>>,
  event: DynamoDbEvent,
  own: Endpoints = {},
): Promise<FanOutInvocation> => {
  const { STREAM_NAME: stream, REJECTS_TABLE: rejects } = readFanOutConfig(environment);
  const changes = toTableChanges(event);
  const [ownDynamoDb, ownKinesis] = [own.AWS_ENDPOINT_URL_DYNAMODB, own.AWS_ENDPOINT_URL_KINESIS];
  const { endpoints, stop } = await startEmulators({
    services: [
      ...(ownDynamoDb ? [] : (['dynamodb'] as const)),
      ...(ownKinesis ? [] : (['kinesis'] as const)),
    ],
  });
  const isOwn = ownDynamoDb !== undefined || ownKinesis !== undefined;
  const clients = localClients({ ...own, ...endpoints }, { isOwn });
  const end = async (): Promise<void> => {
    clients.destroy();
    await stop();
  };
  try {
    const ours = Object.entries(tables).filter(([, { TableName }]) => TableName === rejects);
    if (!ownDynamoDb) await createTables(clients.dynamodb, { tables: Object.fromEntries(ours) });
    if (!ownKinesis) await createStream(clients.kinesis, { name: stream, shards: 1 });
    const tail = await openTail(clients.kinesis, stream);
    let arrived: readonly TailRecord[] = [];
    const forwarded = async (): Promise<readonly TailRecord[]> => {
      arrived = [...arrived, ...(await tail.read())];
      return forwardedOf(
        arrived,
        changes.map(({ sequenceNumber }) => sequenceNumber),
      );
    };
    return {
      env: {
        ...endpoints,
        ...(!isOwn && {
          AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
          AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
        }),
      },
      forwarded,
      results: async function* () {
        for (const record of await forwarded()) yield forwardedSummary(record);
        for (const item of await rejectsOf(clients.dynamodb, rejects, changes)) yield rejectSummary(item);
      },
      stop: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
};

/** The rejects of these changes; the user's own table may have many others. */
const rejectsOf = async (dynamodb: DynamoDBClient, TableName: string, changes: readonly TableChange[]) => {
  const items = await pMap(
    changes,
    async ({ shard, sequenceNumber }) => {
      const Key = { shard: { S: shard }, sequence_number: { S: sequenceNumber } };
      return (await dynamodb.send(new GetItemCommand({ TableName, Key }))).Item;
    },
    { concurrency: 16 },
  );
  return items.filter((item) => item !== undefined);
};
