import { must } from '../../../errors.ts';

/** Lambda's report of one invocation. */
export interface Report {
  readonly requestId: string;
  readonly durationMs: number;
  /** Whole milliseconds paid for: the duration and, since August 2025, the init phase. */
  readonly billedMs: number;
  /** For a cold start only: from the process's start to its first request for an invocation. */
  readonly initMs?: number;
  readonly memoryMB: number;
  /** The highest resident memory of the environment so far, other invocations included. */
  readonly maxMemoryMB: number;
  readonly status?: 'error' | 'timeout';
}

/**
 * The REPORT line of a function's log, in Lambda's text format.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
export const reportLine = (report: Report): string =>
  [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${report.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${report.billedMs} ms`,
    `Memory Size: ${report.memoryMB} MB`,
    `Max Memory Used: ${report.maxMemoryMB} MB`,
    ...(report.initMs === undefined ? [] : [`Init Duration: ${report.initMs.toFixed(2)} ms`]),
    ...(report.status === undefined ? [] : [`Status: ${report.status}`]),
  ].join('\t');

/**
 * Reads such a line; undefined for any other line of a log.
 *
 * @throws Error for a REPORT line without a mandatory field
 */
export const parseReportLine = (line: string): Report | undefined => {
  const requestId = /^REPORT RequestId: (\S+)/.exec(line)?.[1];
  if (requestId === undefined) return undefined;
  const number = (pattern: RegExp): number | undefined => {
    const found = pattern.exec(line)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const initMs = number(/Init Duration: ([\d.]+) ms/);
  const status = /Status: (error|timeout)/.exec(line)?.[1] as Report['status'];
  return {
    requestId,
    durationMs: must(number(/\tDuration: ([\d.]+) ms/), 'Duration in a REPORT line'),
    billedMs: must(number(/Billed Duration: (\d+) ms/), 'Billed Duration in a REPORT line'),
    memoryMB: must(number(/Memory Size: (\d+) MB/), 'Memory Size in a REPORT line'),
    maxMemoryMB: must(number(/Max Memory Used: (\d+) MB/), 'Max Memory Used in a REPORT line'),
    ...(initMs !== undefined && { initMs }),
    ...(status !== undefined && { status }),
  };
};
