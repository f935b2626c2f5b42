import type { MetricFamily } from '../http/metrics.ts';

/** The metrics of a process. */
export type Metrics = readonly MetricFamily[];

/** What a process that answers requests tells the one that started it. */
export type FromWorker = { readonly listening: string } | { readonly metrics: Metrics };

/** What it is told. */
export type ToWorker = { readonly stop: true } | { readonly otherMetrics: readonly Metrics[] };

/** How often the processes tell each other their metrics. */
export const METRICS_MS = 1_000;
