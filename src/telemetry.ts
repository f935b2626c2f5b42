import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { PermanentError, type TransientError } from './errors.ts';
import { OUTCOME_KINDS, tally } from './pipeline/outcome.ts';
import type { RecordId } from './pipeline/stream-record.ts';

/** Says what became of batches: one log line each, one per reject, and metrics. Never says what a text was. */
export interface Telemetry {
  batch(records: readonly RecordId[], outcomes: readonly Ended[]): void;
}

/** How a record ended, and why where it did not end well. */
interface Ended {
  readonly kind: string;
  readonly error?: PermanentError | TransientError;
}

/**
 * Logs as JSON and metrics in CloudWatch's embedded metric format, both on standard output.
 *
 * @param noun what the metrics count: `Records` makes them `Records`, `RecordsLabelled` and so on
 * @param kinds the ways in which records end; each has a metric, also where none ended so
 */
export const telemetry = (noun = 'Records', kinds: readonly string[] = OUTCOME_KINDS): Telemetry => {
  const logger = new Logger();
  const metrics = new Metrics();
  return {
    batch: (records, outcomes) => {
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
        logger.error('failed', { count: counts.failed, reason: reasons(failed.error) });
      metrics.addMetric(noun, MetricUnit.Count, records.length);
      for (const [kind, count] of Object.entries(counts)) {
        metrics.addMetric(`${noun}${kind[0]?.toUpperCase()}${kind.slice(1)}`, MetricUnit.Count, count);
      }
      metrics.publishStoredMetrics();
    },
  };
};

/** The chain of messages from an error to its first cause. Messages of causes are AWS's or the runtime's. */
const reasons = (error: unknown): string =>
  error instanceof Error
    ? [error.message, ...(error.cause ? [reasons(error.cause)] : [])].join(': ')
    : String(error);
