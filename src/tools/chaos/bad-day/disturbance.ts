import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { scan } from '../../invoke/inspect.ts';
import type { Disturbance, InspectedTables, Usage } from '../../ingest/disturbance.ts';
import { environmentKiller } from './environment-killer.ts';
import { eventfulHistory, type HistoryRates, POISON_PREFIX } from './eventful-history.ts';
import { startFaultProxy } from '../fault-proxy.ts';
import { countedFaults, type FaultCounts, type FaultRates, FAULTS, randomFaults } from '../faults.ts';
import { createOutage } from './outage.ts';
import { type DisorderRates, produceHistory } from './produce-history.ts';
import { usageCounter } from './usage.ts';

export interface DisturbanceOptions {
  readonly seed: number;
  readonly history: HistoryRates;
  readonly disorder: DisorderRates;
  readonly faults: FaultRates;
  /** One environment is killed per this number of invocations; 0 for none. */
  readonly killEvery: number;
  /** Seconds of an outage, and the number of inferences after which it begins. */
  readonly outage?: { readonly seconds: number; readonly after: number } | undefined;
}

/** A disturbance for one ingest; with all rates at 0 it only counts. */
export const createDisturbance = (options: DisturbanceOptions): Disturbance => {
  const { seed, disorder, killEvery, outage: { seconds, after } = { seconds: 0, after: 0 } } = options;
  const history = eventfulHistory(seed, options.history);
  const random = randomFaults(seed, options.faults);
  const outage = createOutage({ seconds, hasCome: () => usage().inferences >= after });
  const dynamodbFaults = countedFaults(outage.dynamodb(random));
  const kinesisFaults = countedFaults(outage.kinesis(random));
  const killer = environmentKiller({ every: killEvery, seed });
  const stops: (() => Promise<void>)[] = [];
  let usage = (): Usage => ({ inferences: 0, writes: 0 });

  const present = async (dynamodb: DynamoDBClient, { documents, key }: InspectedTables) => {
    const found = await pMap(
      history.deleted(),
      async (id) =>
        (await dynamodb.send(new GetItemCommand({ TableName: documents, Key: { [key]: { S: id } } }))).Item,
      { concurrency: 16 },
    );
    return found.filter((item) => item !== undefined).length;
  };

  return {
    intercept: async ({ AWS_ENDPOINT_URL_DYNAMODB = '', AWS_ENDPOINT_URL_KINESIS = '' }, rejectsTable) => {
      const { usage: counted, ...counter } = usageCounter(rejectsTable);
      usage = counted;
      const dynamodb = await startFaultProxy(AWS_ENDPOINT_URL_DYNAMODB, {
        nextFault: dynamodbFaults.next,
        ...counter,
      });
      const kinesis = await startFaultProxy(AWS_ENDPOINT_URL_KINESIS, { nextFault: kinesisFaults.next });
      stops.push(dynamodb.stop, kinesis.stop);
      return { AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint, AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint };
    },
    produce: (messages, clients, producer) =>
      produceHistory(messages, clients, producer, history, { ...disorder, seed }),
    onInvoke: killer.onInvoke,
    inspect: async (dynamodb, tables) => {
      let rejects = 0;
      let strays = 0;
      for await (const { partition_key } of scan(dynamodb, tables.rejects)) {
        if (partition_key?.S?.startsWith(POISON_PREFIX)) rejects += 1;
        else strays += 1;
      }
      return {
        resurrected: await present(dynamodb, tables),
        survivors: history.survivors(),
        poison: history.poison(),
        rejects,
        strays,
      };
    },
    faults: () => ({ ...sumOf(dynamodbFaults.counts(), kinesisFaults.counts()), killed: killer.kills() }),
    usage: () => usage(),
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
};

const sumOf = (one: FaultCounts, other: FaultCounts): FaultCounts =>
  Object.fromEntries(FAULTS.map((fault) => [fault, one[fault] + other[fault]])) as FaultCounts;
