import { streamMonth, throughputCost } from './kinesis-cost.ts';
import { HOURS_PER_MONTH, PRICES } from './prices.ts';
import { MEASURED } from './measured.ts';
import type { PlanRequest, StreamMode } from './request.ts';
import type { Traffic } from './traffic.ts';

/** US dollars a month of 720 hours, if the rate never falls. */
export interface Month {
  readonly lambda: number;
  /** Writes of labels; your items' own are not among them. */
  readonly dynamodbWrites: number;
  /** Changes that the table captures for the stream. */
  readonly changeCapture: number;
  readonly kinesis: number;
  readonly total: number;
}

export interface MonthInput {
  readonly request: PlanRequest;
  readonly traffic: Traffic;
  readonly memory: number;
  /** Billed time of one record. */
  readonly recordMs: number;
  readonly batchSize: number;
  readonly window: number;
  /** Batches in work at a time, at most. */
  readonly lanes: number;
  readonly streamMode: StreamMode;
  readonly shards: number;
}

const SECONDS = HOURS_PER_MONTH * 3_600;

export const monthOf = (input: MonthInput): Month => {
  const { request, traffic } = input;
  const { dynamodb } = PRICES;
  const lambda = lambdaOf(input);
  const dynamodbWrites = SECONDS * request.recordsPerSecond * traffic.unitsPerLabel * dynamodb.write;
  const changeCapture = SECONDS * traffic.capturesPerSecond * dynamodb.changeCapture;
  const kinesis = kinesisOf(input);
  return {
    lambda,
    dynamodbWrites,
    changeCapture,
    kinesis,
    total: lambda + dynamodbWrites + changeCapture + kinesis,
  };
};

/** Each lane is invoked once a window, or as often as its batches fill, but never more often than there are records. */
const lambdaOf = ({ request, traffic, memory, recordMs, batchSize, window, lanes }: MonthInput): number => {
  const { gbSecond, request: call } = PRICES.lambda;
  const { recordsPerSecond: changes } = traffic;
  const invocations = Math.min(changes, Math.max(changes / batchSize, lanes / window));
  const busyMs = request.recordsPerSecond * recordMs + invocations * MEASURED.invocationMs;
  return SECONDS * ((busyMs / 1000) * (memory / 1024) * gbSecond.arm64 + invocations * call);
};

const kinesisOf = ({ traffic, streamMode: mode, shards }: MonthInput): number =>
  streamMonth({ mode, shards }) + SECONDS * throughputCost(mode, traffic);
