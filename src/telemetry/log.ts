import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { ModelError } from '../errors.ts';

/** Reports of models: what cannot be used, and what is used from now on. */
export interface ModelReports {
  readonly modelFault: (fault: { readonly id: string; readonly error: ModelError }) => void;
  readonly modelUse: (change: { readonly id: string; readonly before: string }) => void;
}

/** A log line for each, and a metric that counts faults. */
export const modelReports = (logger: Logger, metrics: Metrics): ModelReports => ({
  modelFault: ({ id, error }) => {
    logger.warn('model-fault', { model: id, reason: error.message });
    metrics.addMetric('ModelFaults', MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
  },
  modelUse: ({ id, before }) => logger.info('model-in-use', { model: id, before }),
});

/** Milliseconds to a tenth: more digits would be noise. */
export const tenths = (ms: number): number => Math.round(ms * 10) / 10;
