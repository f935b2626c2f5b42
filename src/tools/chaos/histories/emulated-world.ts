import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import { LOCAL_CREDENTIALS, localRegion } from '../../emulators/aws/aws-clients.ts';
import { startEmulators } from '../../emulators/aws/emulators.ts';
import { createTables } from '../../emulators/aws/tables.ts';
import { startFaultProxy } from '../fault-proxy.ts';
import { applyStep } from './history.ts';
import type { Send } from './memory-dynamodb.ts';
import { type MakeWorld, TABLE_KEYS, type TableRole } from './world.ts';
import { must } from '../../../errors.ts';

/** Worlds of an embedded DynamoDB behind a fault proxy, with tables of their own. */
export interface EmulatedWorlds {
  readonly makeWorld: MakeWorld;
  stop(): Promise<void>;
}

const properties = (TableName: string, keys: readonly string[]) => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
});

/**
 * Starts an embedded DynamoDB. In its worlds the function goes through the real SDK, which tries a call twice, and the
 * real protocol; the stream has no label writes, because that DynamoDB has no streams.
 */
export const startEmulatedWorlds = async (): Promise<EmulatedWorlds> => {
  const emulators = await startEmulators({ services: ['dynamodb'] });
  const endpoint = must(emulators.endpoints.AWS_ENDPOINT_URL_DYNAMODB, 'endpoint of DynamoDB');
  const base = { region: localRegion(), credentials: LOCAL_CREDENTIALS };
  const owner = new DynamoDBClient({ ...base, endpoint });
  const ownerSend = owner.send.bind(owner) as unknown as Send;
  const closers: (() => Promise<void>)[] = [];
  let worlds = 0;

  const makeWorld: MakeWorld = async (nextFault, onWrite) => {
    worlds += 1;
    const tables = {
      documents: `documents-${worlds}`,
      rejects: `rejects-${worlds}`,
      labels: `labels-${worlds}`,
    };
    const roles = Object.keys(TABLE_KEYS) as TableRole[];
    await createTables(owner, {
      tables: Object.fromEntries(roles.map((role) => [role, properties(tables[role], TABLE_KEYS[role])])),
    });
    const proxy = await startFaultProxy(endpoint, { nextFault });
    const client = new DynamoDBClient({ ...base, endpoint: proxy.endpoint, maxAttempts: 2 });
    const send = client.send.bind(client) as unknown as Send;
    closers.push(async () => {
      client.destroy();
      await proxy.stop();
    });
    const place = { table: tables.documents, key: 'id', textAttribute: 'text' };
    const underWay = new Set<Promise<unknown>>();
    const watched: Send = (command, options) => {
      const call = send(command, options);
      underWay.add(call);
      void call.catch(() => undefined).then(() => underWay.delete(call));
      return call;
    };
    return {
      tables,
      place,
      apply: async (step) => {
        const write = await applyStep(ownerSend, step, place);
        if (write !== undefined) onWrite(write, 'owner');
      },
      send: watched,
      // The proxy has one list of faults.
      sendAs: () => watched,
      settled: async () => {
        // Also the calls of an environment that was killed during one.
        await Promise.allSettled(underWay);
        await proxy.settled();
        return false;
      },
      items: async (role) => {
        const items: Item[] = [];
        for await (const page of paginateScan({ client: owner }, { TableName: tables[role] }))
          items.push(...(page.Items ?? []));
        return items;
      },
    };
  };
  return {
    makeWorld,
    stop: async () => {
      await Promise.all(closers.map((close) => close()));
      owner.destroy();
      await emulators.stop();
    },
  };
};
