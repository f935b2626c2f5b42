import type { Histogram } from '../emulators/lambda/histogram.ts';

/** Milliseconds from the stream to the label, within one percent. */
export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Of every five percent of the records, from the fastest on. */
  readonly quantiles: readonly number[];
}

const STEPS = 20;

export const latencyOf = (histogram: Histogram): Latency => {
  const at = (part: number): number => Math.round(histogram.percentile(part));
  return {
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: Math.round(histogram.max()),
    quantiles: Array.from({ length: STEPS }, (_, index) => at((index + 1) / STEPS)),
  };
};
