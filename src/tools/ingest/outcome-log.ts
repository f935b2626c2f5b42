import { outcomeMetric, stepMetric } from '../../telemetry/metric-names.ts';
import { thinned } from './thinned.ts';
import { STEPS } from '../../pipeline/meter.ts';
import { OUTCOME_KINDS, type OutcomeKind, type Tally } from '../../pipeline/outcome.ts';

/** The sums of the function's own metrics. */
export interface Measures {
  /** Texts that went through the model. */
  readonly inferences: number;
  /** Calls to the label store that were retried. */
  readonly writeRetries: number;
  /** Time of each step, summed over all batches. */
  readonly stepMs: Readonly<Record<(typeof STEPS)[number], number>>;
  /** The greatest age of a batch's last record when the batch was done. */
  readonly iteratorAgeMs: number;
}

/** The number of a batch, from 0, and the milliseconds of its steps. */
export interface BatchSteps extends Readonly<Record<(typeof STEPS)[number], number>> {
  readonly batch: number;
}

/** More do not show in a picture. */
const MOST_BATCHES = 200;

/** Adds up the function's metrics, which it writes into its log in CloudWatch's embedded metric format. */
export const outcomeLog = () => {
  const sums = new Map<string, number>();
  const batches = thinned<Omit<BatchSteps, 'batch'>>(MOST_BATCHES);
  let iteratorAgeMs = 0;
  const sum = (name: string): number => sums.get(name) ?? 0;
  const count = (kind: OutcomeKind): number => sum(outcomeMetric('Records', kind));
  return {
    /** Reads a line of the log; lines without metrics are ignored. */
    add: (line: string): void => {
      if (!line.startsWith('{"_aws"')) return;
      const metrics: Readonly<Record<string, unknown>> = JSON.parse(line);
      // Others are of models.
      if (!('Records' in metrics)) return;
      for (const [name, value] of Object.entries(metrics)) {
        if (typeof value !== 'number') continue;
        if (name === 'IteratorAge') iteratorAgeMs = Math.max(iteratorAgeMs, value);
        else sums.set(name, sum(name) + value);
      }
      const msOf = (step: (typeof STEPS)[number]) =>
        Math.round(Number(metrics[stepMetric(step)] ?? 0) * 10) / 10;
      batches.add(Object.fromEntries(STEPS.map((step) => [step, msOf(step)])) as Omit<BatchSteps, 'batch'>);
    },
    counts: (): Tally => Object.fromEntries(OUTCOME_KINDS.map((kind) => [kind, count(kind)])) as Tally,
    measures: (): Measures => ({
      inferences: sum('Inferences'),
      writeRetries: sum('WriteRetries'),
      stepMs: Object.fromEntries(
        STEPS.map((step) => [step, Math.round(sum(stepMetric(step)))]),
      ) as Measures['stepMs'],
      iteratorAgeMs,
    }),
    batches: (): readonly BatchSteps[] =>
      batches.entries().map(({ index, entry }) => ({ batch: index, ...entry })),
    /** Records that need not be delivered again. */
    done: (): number =>
      OUTCOME_KINDS.reduce((total, kind) => total + (kind === 'failed' ? 0 : count(kind)), 0),
  };
};
