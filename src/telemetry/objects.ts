import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { describeError } from '../errors.ts';
import { MESSAGE_KINDS } from '../pipeline/objects/message-outcome.ts';
import type { WorkedMessage } from '../pipeline/objects/work-messages.ts';
import type { Manifest } from '../pipeline/objects/run.ts';
import { tally } from '../pipeline/outcome.ts';
import { type ModelReports, modelReports } from './log.ts';
import { outcomeMetric } from './metric-names.ts';
import type { Measured } from './telemetry.ts';

/** Reports messages about objects: a log line for each, and metrics. Names of objects are logged, texts never. */
export interface ObjectTelemetry extends ModelReports {
  /** @param measured the measurements of the invocation */
  messages(worked: readonly WorkedMessage[], measured: Measured): void;
}

/** From this delivery on, a share that does not fit into an invocation is no accident. */
const TOO_SLOW = 3;

const SLOW_ADVICE =
  'the shard does not fit into an invocation: lower objectsShardMB or objectsMaxMB, or raise objectsTimeout or ' +
  'objectsMemory; after its last delivery the message is in the dead-letter queue';

/** Logs as JSON and metrics in CloudWatch's embedded metric format, both on standard output. */
export const objectTelemetry = (): ObjectTelemetry => {
  const logger = new Logger();
  const metrics = new Metrics();
  return {
    ...modelReports(logger, metrics),
    messages: (worked, measured) => {
      for (const message of worked) log(logger, message);
      const outcomes = worked.map(({ outcome }) => outcome);
      metrics.addMetric('ObjectMessages', MetricUnit.Count, worked.length);
      for (const [kind, count] of Object.entries(tally(outcomes, MESSAGE_KINDS)))
        metrics.addMetric(outcomeMetric('ObjectMessages', kind), MetricUnit.Count, count);
      const manifests = outcomes.flatMap((outcome) => outcome.manifests ?? []);
      const sums = {
        Objects: manifests.length,
        ObjectLines: sum(manifests, ({ counts }) => counts.lines),
        ObjectLineErrors: sum(manifests, ({ counts }) => counts.lines - counts.labelled),
        ObjectShards: sum(manifests, ({ shards }) => shards.length),
        ObjectInferences: measured.Inferences?.value ?? 0,
      };
      for (const [name, value] of Object.entries(sums)) metrics.addMetric(name, MetricUnit.Count, value);
      metrics.addMetric(
        'ObjectSeconds',
        MetricUnit.Seconds,
        sum(manifests, ({ seconds = 0 }) => seconds),
      );
      metrics.publishStoredMetrics();
    },
  };
};

const sum = (manifests: readonly Manifest[], of: (manifest: Manifest) => number): number =>
  manifests.reduce((total, manifest) => total + of(manifest), 0);

const log = (logger: Logger, { id, receives, outcome }: WorkedMessage): void => {
  const { kind, reason, about, manifests = [], shards, error } = outcome;
  logger.info('object', { messageId: id, outcome: kind, receives, ...about, reason, shards });
  for (const { run, model, status, counts, output, seconds } of manifests)
    logger.info('manifest', { run, model, status, ...counts, output: output?.key, seconds });
  if (kind === 'failed') logger.error('failed', { messageId: id, reason: describeError(error) });
  if (kind === 'unreadable') logger.error('unreadable', { messageId: id, reason });
  if (kind === 'late' && receives >= TOO_SLOW)
    logger.error('too-slow', { messageId: id, reason: SLOW_ADVICE });
};
