import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type Outcome, tally } from './pipeline/outcome.ts';
import type { StreamRecord } from './pipeline/stream-record.ts';

/** Says what became of batches: one log line each, one per reject, and metrics. Never says what a text was. */
export interface Telemetry {
  batch(records: readonly StreamRecord[], outcomes: readonly Outcome[]): void;
}

/** Logs as JSON and metrics in CloudWatch's embedded metric format, both on standard output. */
export const telemetry = (): Telemetry => {
  const logger = new Logger();
  const metrics = new Metrics();
  return {
    batch: (records, outcomes) => {
      const counts = tally(outcomes);
      logger.info('batch', { records: records.length, ...counts });
      for (const [index, outcome] of outcomes.entries()) {
        const { shard, sequenceNumber } = records[index] ?? {};
        if (outcome.kind === 'rejected') {
          const { code, message } = outcome.error;
          logger.warn('rejected', { shard, sequenceNumber, code, reason: message });
        }
      }
      const failed = outcomes.find((outcome) => outcome.kind === 'failed');
      if (failed !== undefined)
        logger.error('failed', { count: counts.failed, reason: reasons(failed.error) });
      metrics.addMetric('Records', MetricUnit.Count, records.length);
      for (const [kind, count] of Object.entries(counts)) {
        metrics.addMetric(`Records${kind[0]?.toUpperCase()}${kind.slice(1)}`, MetricUnit.Count, count);
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
