import type { DeployedStream } from './deployed-stream.ts';
import { streamMonth, throughputCost } from './kinesis-cost.ts';
import type { LabelStoreName } from '../../stores/label-stores.ts';
import { trafficOf } from './traffic.ts';
import { ARTICLE, PRICES } from './prices.ts';
import { smallestEndpoint } from './endpoint.ts';
import { MB_PER_VCPU } from '../../wire/models.ts';

/** The usage of one ingest. */
export interface IngestUsage {
  readonly records: number;
  readonly invocations: number;
  /** Billed milliseconds of all invocations, init included. */
  readonly billedMs: number;
  readonly memoryMB: number;
  /** Writes to DynamoDB: labels and rejects. A failed condition is charged as well. */
  readonly writes: number;
}

/** US dollars. */
export interface Cost {
  readonly currency: 'USD';
  readonly pricesOf: string;
  /** Records that the figures are for, where none are for a month. */
  readonly records: number;
  readonly architecture: 'arm64' | 'x86_64';
  readonly lambda: number;
  readonly dynamodbWrites: number;
  /** Changes that the table captures for the stream: the items' own, and the labels that are written onto them. */
  readonly changeCapture: number;
  /** What these changes cost in the stream. */
  readonly kinesis: number;
  readonly perIngest: number;
  /** The stream itself, a month. */
  readonly stream: DeployedStream & { readonly perMonth: number };
  readonly endpoint: { readonly instance: string; readonly perMonth: number };
  /** Ingests a month at which an endpoint that is always on costs as much as Lambda, change capture and stream do. */
  readonly breakEvenIngests: number;
  /** The same for Lambda alone. */
  readonly lambdaBreakEvenIngests: number;
  readonly article: typeof ARTICLE;
}

export interface CostOptions {
  readonly architecture?: Cost['architecture'];
  /** The times are Lambda's own, at the memory that the function has there. */
  readonly asConfigured?: boolean;
  readonly stream?: DeployedStream;
  readonly labelStore?: LabelStoreName;
  /** Bytes of a text, on average. */
  readonly textLength?: number | undefined;
}

/** The article's ingest, for the comparison. */
const INGEST = 50_000;

/** Fewer records cannot be extrapolated to 50,000: most of their time is cold starts. */
const FEWEST = 1_000;

/** Of generated messages. */
const TEXT_LENGTH = 60;

const ON_DEMAND: DeployedStream = { mode: 'ON_DEMAND', shards: 0, fanOut: 'native' };

/** The cost of a measured ingest; null where it was too small to extrapolate. */
export const costOfRun = (usage: IngestUsage, options: CostOptions = {}): Cost | null =>
  usage.records < FEWEST ? null : costOf(usage, options);

/**
 * What an ingest of 50,000 records costs at the measured usage per record, what the stream costs a month, and how many
 * ingests a month cost as much as the smallest always-on SageMaker endpoint. An endpoint needs no stream, but its
 * labels are written as well: so the break-even is between the endpoint and all costs but the writes.
 */
export const costOf = (
  { records, invocations, billedMs, memoryMB, writes }: IngestUsage,
  {
    architecture = 'arm64',
    asConfigured = false,
    stream = ON_DEMAND,
    labelStore = 'partiql',
    textLength = TEXT_LENGTH,
  }: CostOptions = {},
): Cost => {
  const scale = records === 0 ? 0 : INGEST / records;
  // Local times are measured on a whole core. With less memory the time grows as the price falls.
  const chargedMB = asConfigured ? memoryMB : Math.max(memoryMB, MB_PER_VCPU);
  const gbSeconds = (billedMs / 1000) * (chargedMB / 1024);
  const { lambda: lambdaPrices, dynamodb } = PRICES;
  const lambda =
    scale * (gbSeconds * lambdaPrices.gbSecond[architecture] + invocations * lambdaPrices.request);
  const { isCaptured, ...traffic } = trafficOfRecord(stream, labelStore, textLength);
  const dynamodbWrites = scale * writes * traffic.unitsPerLabel * dynamodb.write;
  const each = records === 0 ? 0 : INGEST;
  const changeCapture = isCaptured ? each * traffic.capturesPerSecond * dynamodb.changeCapture : 0;
  const kinesis = each * throughputCost(stream.mode, traffic);
  const perStream = streamMonth(stream);
  const { instance, perMonth } = smallestEndpoint();
  return {
    currency: 'USD',
    pricesOf: `${PRICES.region}, ${PRICES.asOf}`,
    records: INGEST,
    architecture,
    lambda: cents(lambda),
    dynamodbWrites: cents(dynamodbWrites),
    changeCapture: cents(changeCapture),
    kinesis: cents(kinesis),
    perIngest: cents(lambda + dynamodbWrites + changeCapture + kinesis),
    stream: { ...stream, perMonth: cents(perStream) },
    endpoint: { instance, perMonth: cents(perMonth) },
    breakEvenIngests: ingestsFor(perMonth - perStream, lambda + changeCapture + kinesis),
    lambdaBreakEvenIngests: ingestsFor(perMonth, lambda),
    article: ARTICLE,
  };
};

/** The traffic of one record. The fan-out function keeps labels that are written back out of the stream. */
const trafficOfRecord = ({ fanOut }: DeployedStream, labelStore: LabelStoreName, textLength: number) => {
  const isCaptured = fanOut === 'native';
  const { unitsPerLabel } = trafficOf({ recordsPerSecond: 1, textLength, labelStore });
  const inStream = trafficOf({
    recordsPerSecond: 1,
    textLength,
    labelStore: isCaptured ? labelStore : 'labels-table',
  });
  return { ...inStream, unitsPerLabel, isCaptured };
};

/** The number of ingests that this many dollars pay for. */
const ingestsFor = (dollars: number, each: number): number =>
  each === 0 ? 0 : Math.max(0, Math.floor(dollars / each));

/** To a ten-thousandth of a cent. */
const cents = (dollars: number): number => Math.round(dollars * 1e6) / 1e6;
