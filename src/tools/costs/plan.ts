import { type Month, monthOf } from './month.ts';
import { MEASURED } from './measured.ts';
import { quotasOf } from './quotas.ts';
import type { PlanRequest, StreamMode } from './request.ts';
import type { LabelStoreName } from '../../stores/label-stores.ts';
import { trafficOf, type Traffic } from './traffic.ts';
import { UserError } from '../user-error.ts';
import { MB_PER_VCPU } from '../../wire/models.ts';

/** Parameters of `serverless.yml`, and their cost. */
export interface Plan {
  readonly settings: {
    readonly memory: number;
    readonly timeout: number;
    readonly batchSize: number;
    readonly window: number;
    readonly parallelizationFactor: number;
    readonly streamMode: StreamMode;
    /** Of a provisioned stream, or what an on-demand one needs to have open. */
    readonly shards: number;
    readonly labelStore: LabelStoreName;
  };
  /** Batches in work at a time, at most: what to reserve of the account's concurrency. */
  readonly concurrency: number;
  /** Records a second that these settings label. */
  readonly capacity: number;
  /** Write units of the table with the labels, a second, for labels alone. */
  readonly writeUnits: number;
  readonly month: Month;
  readonly quotas: readonly string[];
}

/** Lambda's limits. */
export const LAMBDA = {
  memory: { least: 128, most: 10_240 },
  timeout: 900,
  parallelizationFactor: 10,
} as const;

/** The used part of a lane's time; the rest is for uneven shards, deliveries and retries. */
const UTILISATION = 0.7;

/** The initial number of shards of an on-demand stream. */
const ON_DEMAND_SHARDS = 4;

const MOST_BATCH = 1_000;

/**
 * Settings that label the given number of records a second, with the cheaper of the two kinds of stream, and what they
 * cost if the rate is constant.
 *
 * @throws UserError where the model does not fit into the memory, or into Lambda
 */
export const planFor = (request: PlanRequest): Plan => {
  const plans = (['PROVISIONED', 'ON_DEMAND'] as const).map((mode) => planWith(request, mode));
  return plans.reduce((best, plan) => (plan.month.total < best.month.total ? plan : best));
};

const planWith = (request: PlanRequest, streamMode: StreamMode): Plan => {
  const { recordsPerSecond, measured, textLength, labelStore } = request;
  const memory = memoryOf(request);
  // More than one vCPU speeds a batch up less than proportionally, and is not counted.
  const slower = MB_PER_VCPU / Math.min(memory, MB_PER_VCPU);
  const longer = Math.max(1, textLength / measured.textCharacters);
  const traffic = trafficOf({ recordsPerSecond, textLength, labelStore });
  const recordMs =
    slower *
    ((longer * 1000) / measured.recordsPerSecond +
      MEASURED.storeMs[labelStore] +
      MEASURED.skipMs * traffic.echoesPerRecord);
  const lanePerSecond = (UTILISATION * 1000) / recordMs;
  const lanesNeeded = Math.max(1, Math.ceil(recordsPerSecond / lanePerSecond));
  const shards = Math.max(
    streamMode === 'ON_DEMAND' ? ON_DEMAND_SHARDS : 1,
    traffic.shards,
    Math.ceil(lanesNeeded / LAMBDA.parallelizationFactor),
  );
  const parallelizationFactor = Math.ceil(lanesNeeded / shards);
  const batchSize = batchSizeOf(recordMs, traffic);
  const window = recordsPerSecond < 20 ? 5 : 1;
  const concurrency = shards * parallelizationFactor;
  return {
    settings: {
      memory,
      timeout: Math.min(LAMBDA.timeout, Math.max(60, Math.ceil((batchSize * recordMs * 6) / 1000))),
      batchSize,
      window,
      parallelizationFactor,
      streamMode,
      shards,
      labelStore,
    },
    concurrency,
    capacity: Math.floor(Math.min(concurrency * lanePerSecond, traffic.capacity(shards))),
    writeUnits: Math.ceil(recordsPerSecond * traffic.unitsPerLabel),
    month: monthOf({
      request,
      traffic,
      memory,
      recordMs,
      batchSize,
      window,
      lanes: lanesNeeded + shards,
      streamMode,
      shards,
    }),
    quotas: quotasOf({
      concurrency,
      shards,
      writeUnits: recordsPerSecond * traffic.unitsPerLabel,
      streamMode,
    }),
  };
};

const memoryOf = ({ memory, measured }: PlanRequest): number => {
  const needed = Math.ceil((measured.memoryMB * 1.3) / 64) * 64;
  const { least, most } = LAMBDA.memory;
  if (needed > most) throw new UserError(`The model takes ${needed} MB; a function has ${most} MB at most.`);
  if (memory === undefined) return Math.max(MB_PER_VCPU, needed, least);
  if (memory >= measured.memoryMB) return memory;
  throw new UserError(
    `--memory ${memory} is less than the ${measured.memoryMB} MB that the model was seen to take.`,
  );
};

/** A batch takes some five seconds, and its event fits into the 6 MB that Lambda delivers. */
const batchSizeOf = (recordMs: number, { recordBytes }: Traffic): number =>
  Math.max(1, Math.min(MOST_BATCH, Math.floor(5_000 / recordMs), Math.floor(4_000_000 / recordBytes)));
