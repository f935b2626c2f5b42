import { ARTICLE, HOURS_PER_MONTH, PRICES } from './prices.ts';

/** What one ingest took. */
export interface IngestUsage {
  readonly records: number;
  readonly invocations: number;
  /** Billed milliseconds of all invocations, init included. */
  readonly billedMs: number;
  readonly memoryMB: number;
  /** Writes of up to 1 KB to DynamoDB: labels and rejects. A failed condition is charged as well. */
  readonly writes: number;
}

export interface Cost {
  readonly currency: 'USD';
  readonly pricesOf: string;
  /** Records that the figures are for. */
  readonly records: number;
  readonly architecture: 'arm64' | 'x86_64';
  readonly lambda: number;
  readonly dynamodbWrites: number;
  readonly kinesisPuts: number;
  readonly perIngest: number;
  readonly endpoint: { readonly instance: string; readonly perMonth: number };
  /** Ingests a month at which an endpoint that is always on costs as much as Lambda does. */
  readonly breakEvenIngests: number;
  readonly article: typeof ARTICLE;
}

export interface CostOptions {
  readonly architecture?: Cost['architecture'];
  /** The times are Lambda's own, at the memory that the function has there. */
  readonly asConfigured?: boolean;
}

/**
 * Times of the local run are measured on a whole core, which is what so much memory buys on Lambda. Less memory takes
 * longer by as much as it is cheaper.
 */
const MB_PER_VCPU = 1_769;

/** The ingest of the article that the comparison is with. */
const INGEST = 50_000;

/**
 * What an ingest of 50,000 records costs at the measured usage per record, and how many of them a month cost as much
 * as the smallest always-on SageMaker endpoint. DynamoDB and Kinesis are needed with either, so the break-even is
 * between Lambda and the endpoint.
 */
export const costOf = (
  { records, invocations, billedMs, memoryMB, writes }: IngestUsage,
  { architecture = 'arm64', asConfigured = false }: CostOptions = {},
): Cost => {
  const scale = records === 0 ? 0 : INGEST / records;
  const chargedMB = asConfigured ? memoryMB : Math.max(memoryMB, MB_PER_VCPU);
  const gbSeconds = (billedMs / 1000) * (chargedMB / 1024);
  const { lambda: lambdaPrices, dynamodb, kinesis, sagemaker } = PRICES;
  const lambda =
    scale * (gbSeconds * lambdaPrices.gbSecond[architecture] + invocations * lambdaPrices.request);
  const dynamodbWrites = scale * writes * dynamodb.write;
  const kinesisPuts = scale * records * kinesis.put;
  const [instance, hour] = Object.entries(sagemaker.endpointHour).reduce((a, b) => (b[1] < a[1] ? b : a));
  const perMonth = hour * HOURS_PER_MONTH;
  return {
    currency: 'USD',
    pricesOf: `${PRICES.region}, ${PRICES.asOf}`,
    records: INGEST,
    architecture,
    lambda: cents(lambda),
    dynamodbWrites: cents(dynamodbWrites),
    kinesisPuts: cents(kinesisPuts),
    perIngest: cents(lambda + dynamodbWrites + kinesisPuts),
    endpoint: { instance, perMonth: cents(perMonth) },
    breakEvenIngests: lambda === 0 ? 0 : Math.floor(perMonth / lambda),
    article: ARTICLE,
  };
};

/** To a ten-thousandth of a cent. */
const cents = (dollars: number): number => Math.round(dollars * 1e6) / 1e6;
