import { createHistogram } from './histogram.ts';
import type { Report } from './report-line.ts';

/** All of a function's reports taken together. Times in milliseconds, percentiles within one percent. */
export interface FunctionStats {
  readonly invocations: number;
  /** Invocations that ended in a function error, time-outs among them. */
  readonly errors: number;
  readonly timeouts: number;
  readonly coldStarts: number;
  readonly initMs: { readonly p50: number; readonly max: number };
  readonly durationMs: { readonly p50: number; readonly p95: number; readonly max: number };
  readonly billedMs: number;
  readonly memoryMB: { readonly configured: number; readonly maxUsed: number };
}

/** Sums up reports, in constant memory. */
export const createFunctionStats = (
  memoryMB: number,
): { add(report: Report): void; stats(): FunctionStats } => {
  const durations = createHistogram();
  const inits = createHistogram();
  let errors = 0;
  let timeouts = 0;
  let billedMs = 0;
  let maxUsed = 0;
  return {
    add: (report) => {
      durations.add(report.durationMs);
      if (report.initMs !== undefined) inits.add(report.initMs);
      if (report.status !== undefined) errors += 1;
      if (report.status === 'timeout') timeouts += 1;
      billedMs += report.billedMs;
      maxUsed = Math.max(maxUsed, report.maxMemoryMB);
    },
    stats: () => ({
      invocations: durations.count(),
      errors,
      timeouts,
      coldStarts: inits.count(),
      initMs: { p50: tenths(inits.percentile(0.5)), max: tenths(inits.max()) },
      durationMs: {
        p50: tenths(durations.percentile(0.5)),
        p95: tenths(durations.percentile(0.95)),
        max: tenths(durations.max()),
      },
      billedMs,
      memoryMB: { configured: memoryMB, maxUsed },
    }),
  };
};

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
