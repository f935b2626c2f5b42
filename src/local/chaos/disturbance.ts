import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import type { LocalClients } from '../emulators/aws-clients.ts';
import type { Endpoints } from '../emulators/emulators.ts';
import { scan } from '../inspect.ts';
import type { KeyedMessage } from '../input/input.ts';
import type { RunningInvocation } from '../lambda/function.ts';
import type { ProducerOptions } from '../producer.ts';
import { environmentKiller } from './environment-killer.ts';
import { eventfulHistory, type HistoryRates, POISON_PREFIX } from './eventful-history.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { countedFaults, type FaultCounts, type FaultRates, FAULTS, randomFaults } from './faults.ts';
import { createOutage } from './outage.ts';
import { type DisorderRates, produceHistory } from './producer.ts';
import { type Usage, usageCounter } from './usage.ts';

export interface DisturbanceOptions {
  readonly seed: number;
  readonly history: HistoryRates;
  readonly disorder: DisorderRates;
  readonly faults: FaultRates;
  /** An environment is killed in so many invocations; 0 for none. */
  readonly killEvery: number;
  /** Seconds of an outage, and after how many inferences it comes. */
  readonly outage?: { readonly seconds: number; readonly after: number } | undefined;
}

/** What an ingest was like that had a disturbance, as far as the disturbance can tell. */
export interface Inspection {
  /** Items that were deleted, and are there. */
  readonly resurrected: number;
  /** Items that should be there. */
  readonly survivors: number;
  /** Poison records that were put into the stream. */
  readonly poison: number;
  /** Poison records that are among the rejects. */
  readonly rejects: number;
  /** Rejects that are no poison. */
  readonly strays: number;
}

/** Comes between the parts of an ingest. */
export interface Disturbance {
  /** @returns the endpoints for the function and its event source mapping */
  intercept(endpoints: Endpoints, rejectsTable: string): Promise<Endpoints>;
  produce(
    messages: AsyncIterable<KeyedMessage>,
    clients: LocalClients,
    options: ProducerOptions,
  ): Promise<number>;
  readonly onInvoke: (running: RunningInvocation) => void;
  /** Looks at the tables when the ingest is over. */
  inspect(dynamodb: DynamoDBClient, tables: InspectedTables): Promise<Inspection>;
  /** What the faults were, environments that were killed among them. */
  faults(): FaultCounts & { readonly killed: number };
  usage(): Usage;
  stop(): Promise<void>;
}

export interface InspectedTables {
  readonly documents: string;
  readonly key: string;
  readonly rejects: string;
}

/** A disturbance for one ingest; with all rates at 0 it counts, and no more. */
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
