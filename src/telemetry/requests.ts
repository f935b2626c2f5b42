import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { RequestReport } from '../http/predict-api.ts';
import { type ModelReports, modelReports, tenths } from './log.ts';

/** Reports requests: a log line for each, and metrics. */
export interface RequestTelemetry extends ModelReports {
  readonly request: RequestReport;
}

/** Clients may send others, which are not worth a word of theirs in a log. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Each class has a metric in every request, also where it is 0: an average is then the share of the class. */
const CLASSES = ['2', '4', '5'] as const;

/** Logs as JSON and metrics in CloudWatch's embedded metric format, both on standard output. */
export const requestTelemetry = (): RequestTelemetry => {
  const logger = new Logger();
  const metrics = new Metrics();
  return {
    ...modelReports(logger, metrics),
    request: ({ method, route, status, models, texts, ms, failure }) => {
      const known = METHODS.includes(method) ? method : 'other';
      logger.info('request', { method: known, route, status, models, texts, ms: tenths(ms) });
      if (failure !== undefined) logger.error('failed', { route, reason: failure });
      metrics.addMetric('HttpRequests', MetricUnit.Count, 1);
      for (const first of CLASSES)
        metrics.addMetric(
          `HttpResponses${first}xx`,
          MetricUnit.Count,
          String(status).startsWith(first) ? 1 : 0,
        );
      metrics.addMetric('HttpTexts', MetricUnit.Count, texts);
      metrics.addMetric('HttpTime', MetricUnit.Milliseconds, tenths(ms));
      metrics.publishStoredMetrics();
    },
  };
};
