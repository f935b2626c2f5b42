import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { describeError, PermanentError, type TransientError } from '../errors.ts';
import { type ModelReports, modelReports, tenths } from './log.ts';
import { outcomeMetric, stepMetric } from './metric-names.ts';
import { FORWARD, type Meter, STEPS, UNMETERED } from '../pipeline/meter.ts';
import { OUTCOME_KINDS, tally } from '../pipeline/outcome.ts';
import type { RecordId } from '../pipeline/records/stream-record.ts';

/** Reports the outcomes of batches: a log line for each, one per reject, and metrics. Never logs a text. */
export interface Telemetry extends ModelReports {
  /** @param measured the measurements of the batch, where it was measured */
  batch(records: readonly RecordId[], outcomes: readonly Ended[], measured?: Measured): void;
}

/** The outcome of a record, with the error where it was rejected or failed. */
interface Ended {
  readonly kind: string;
  readonly error?: PermanentError | TransientError;
}

/** The measurements of a batch, by the name of the metric. */
export type Measured = Readonly<
  Record<string, { readonly unit: 'Count' | 'Milliseconds'; readonly value: number }>
>;

/**
 * Logs as JSON and metrics in CloudWatch's embedded metric format, both on standard output.
 *
 * @param noun what the metrics count: `Records` makes them `Records`, `RecordsLabelled` and so on
 * @param kinds the kinds of outcomes; each has a metric, also where its count is 0
 */
export const telemetry = (noun = 'Records', kinds: readonly string[] = OUTCOME_KINDS): Telemetry => {
  const logger = new Logger();
  const metrics = new Metrics();
  return {
    ...modelReports(logger, metrics),
    batch: (records, outcomes, measured = {}) => {
      const counts = tally(outcomes, kinds);
      logger.info('batch', { records: records.length, ...counts });
      for (const [index, { error }] of outcomes.entries()) {
        const { shard, sequenceNumber } = records[index] ?? {};
        if (error instanceof PermanentError) {
          const { code, message } = error;
          logger.warn('rejected', { shard, sequenceNumber, code, reason: message });
        }
      }
      const failed = outcomes.find(({ kind }) => kind === 'failed');
      if (failed !== undefined)
        logger.error('failed', { count: counts.failed, reason: describeError(failed.error) });
      metrics.addMetric(noun, MetricUnit.Count, records.length);
      for (const [kind, count] of Object.entries(counts)) {
        metrics.addMetric(outcomeMetric(noun, kind), MetricUnit.Count, count);
      }
      for (const [name, { unit, value }] of Object.entries(measured)) metrics.addMetric(name, unit, value);
      metrics.publishStoredMetrics();
    },
  };
};

/** A meter for one batch, and its measurements at the end. @param answers takes note of what models say */
export const batchMeter = (
  { answered }: Pick<Meter, 'answered'> = UNMETERED,
  now: () => number = () => performance.now(),
) => {
  const stepMs = { decode: 0, classify: 0, store: 0, forward: 0, quarantine: 0 };
  let events: { readonly sent: number; readonly failed: number } | undefined;
  let inferences = 0;
  let retries = 0;
  const meter: Meter = {
    answered,
    inferences: (texts) => {
      inferences += texts;
    },
    retries: (calls) => {
      retries += calls;
    },
    forwarded: (sent, failed) => {
      events = { sent: (events?.sent ?? 0) + sent, failed: (events?.failed ?? 0) + failed };
    },
    step: async (name, work) => {
      const from = now();
      try {
        return await work();
      } finally {
        stepMs[name] += now() - from;
      }
    },
  };
  return {
    meter,
    /** @param arrivedMs when the stream received the batch's last record, in ms since 1970 */
    read: (arrivedMs?: number): Measured => ({
      Inferences: { unit: 'Count', value: inferences },
      WriteRetries: { unit: 'Count', value: retries },
      ...Object.fromEntries(
        STEPS.map((step) => [stepMetric(step), { unit: 'Milliseconds', value: tenths(stepMs[step]) }]),
      ),
      ...(events !== undefined && {
        Forwarded: { unit: 'Count', value: events.sent },
        ForwardFailed: { unit: 'Count', value: events.failed },
        [stepMetric(FORWARD)]: { unit: 'Milliseconds', value: tenths(stepMs[FORWARD]) },
      }),
      ...(arrivedMs !== undefined && {
        IteratorAge: { unit: 'Milliseconds', value: Math.max(0, Math.round(Date.now() - arrivedMs)) },
      }),
    }),
  };
};
