import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import type { FunctionStats } from '../../emulators/lambda/function-stats.ts';
import { createFunctionStats } from '../../emulators/lambda/function-stats.ts';
import { parseReportLine } from '../../emulators/lambda/report-line.ts';
import { type BatchSteps, type Measures, outcomeLog } from '../outcome-log.ts';
import type { Tally } from '../../../pipeline/outcome.ts';

/** The sums of the function's log over a period. */
export interface LoggedRun extends Omit<FunctionStats, 'errors' | 'timeouts'>, Measures {
  readonly counts: Tally;
  /** Of many, every second, fourth … */
  readonly batches: readonly BatchSteps[];
}

export interface LogQuery {
  readonly functionName: string;
  readonly memoryMB: number;
  /** ms since 1970 */
  readonly from: number;
  /** Records that the log should account for before it counts as whole. */
  readonly records: number;
  /** Events reach CloudWatch Logs some seconds late: how long to wait for them. */
  readonly waitSeconds: number;
}

/**
 * Adds up the REPORT lines and the metrics that the function has logged since a time, for all of its invocations, from
 * any source. Reading a log with FilterLogEvents is free.
 *
 * @throws the error of AWS where the log cannot be read
 */
export const readFunctionLog = async (logs: CloudWatchLogsClient, query: LogQuery): Promise<LoggedRun> => {
  const until = performance.now() + query.waitSeconds * 1000;
  for (;;) {
    const run = await readOnce(logs, query);
    const { failed: _, ...done } = run.counts;
    const accounted = Object.values(done).reduce((sum, count) => sum + count, 0);
    if (accounted >= query.records || performance.now() > until) return run;
    await sleep(2_000);
  }
};

const readOnce = async (logs: CloudWatchLogsClient, query: LogQuery): Promise<LoggedRun> => {
  const { functionName, memoryMB, from } = query;
  const stats = createFunctionStats(memoryMB);
  const outcomes = outcomeLog();
  const pages = paginateFilterLogEvents(
    { client: logs },
    { logGroupName: `/aws/lambda/${functionName}`, startTime: from, filterPattern: '?REPORT ?"_aws"' },
  );
  for await (const { events = [] } of pages) {
    for (const { message = '' } of events) {
      const line = message.trimEnd();
      const report = parseReportLine(line);
      if (report === undefined) outcomes.add(line);
      else stats.add(report);
    }
  }
  return { ...stats.stats(), ...outcomes.measures(), counts: outcomes.counts(), batches: outcomes.batches() };
};
