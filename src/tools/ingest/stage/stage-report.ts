import type { Cost } from '../../costs/ingest-cost.ts';
import { type RejectCounts, rejectsFault } from '../verify/rejects.ts';
import { batchCharts, costCharts, labelCharts, progressCharts } from '../ingest-charts.ts';
import {
  costRows,
  count,
  driftRows,
  functionRows,
  modelRows,
  outcomeRow,
  rejectRows,
  timeRow,
  unfinishedNote,
} from '../report.ts';
import type { RecordProgress, Timed } from '../timeline.ts';
import { type Fact, factsSection, type Section } from '../../report/section.ts';
import type { LoggedRun } from './function-log.ts';
import type { LabelCheck } from './verify-labels.ts';

/** The usage of an ingest into a stage, as far as AWS reports it, and the state of its items after it. */
export interface StageReport extends LabelCheck {
  readonly stage: string;
  readonly records: number;
  /** Items that are in the table. */
  readonly items: number;
  /** How many an earlier run had written; null where there was none. */
  readonly resumedAt: number | null;
  /** Items without a label of the text that they were written with. */
  readonly lost: number;
  /** Messages that the function does not take: too long, for instance. They are not among the lost. */
  readonly rejectable: number;
  /** Why, and how many for each reason. */
  readonly rejects: RejectCounts;
  /** Of this run, from the first write or look to the last label. */
  readonly seconds: number;
  readonly recordsPerSecond: number;
  readonly timeline: readonly Timed<RecordProgress>[];
  /** Items read while waiting for labels, half a read unit each. */
  readonly reads: number;
  /** `name@version`; several where a new one is being let in. */
  readonly model: string;
  /** Of all of the function's work since the ingest began, from any source; null where the log cannot be read. */
  readonly log: LoggedRun | null;
  /** Of the documents table, items and labels; null where CloudWatch has none. */
  readonly writeUnits: number | null;
  /** What could not be had, and why. */
  readonly missing: readonly string[];
  /** Null where the log has no REPORT line, or the run was too small. */
  readonly cost: Cost | null;
}

/** A measurement, or the reason why it is missing: the report does not fail without it. */
export const measuredOr = async <Value>(
  what: string,
  measure: () => Promise<Value | undefined>,
): Promise<{ readonly value?: Value; readonly missing: readonly string[] }> => {
  try {
    const value = await measure();
    if (value !== undefined) return { value, missing: [] };
    return { missing: [`${what}: none yet; CloudWatch takes some minutes`] };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    return { missing: [`${what}: ${name}: ${message}`] };
  }
};

/** The report in words. */
export const stageSection = (report: StageReport): Section => {
  const { log, cost } = report;
  const resumed = report.resumedAt === null ? '' : `, of which ${count(report.resumedAt)} by an earlier run`;
  const rejectable = report.rejectable === 0 ? '' : `; ${count(report.rejectable)} are to be rejected`;
  const unchecked =
    report.unchecked === 0 ? '' : `, not checked ${count(report.unchecked)} (model not in models/)`;
  const title = `An ingest of ${count(report.records)} records into stage ${report.stage}`;
  const facts = factsSection('ingest', title, [
    ['records', `${count(report.records)} (items: ${count(report.items)}${resumed}${rejectable})`],
    ...rejectRows(report.rejects),
    ['lost, wrong', `lost ${count(report.lost)}, wrong ${count(report.wrong)}${unchecked}`],
    timeRow(report),
    ...(log === null || log.invocations === 0
      ? []
      : [
          outcomeRow(log.counts),
          ['invocations', count(log.invocations)] satisfies Fact,
          ...functionRows(log),
        ]),
    ...modelRows(report),
    ...driftRows(report.drift),
    [
      'table',
      `${report.writeUnits === null ? 'write units: missing' : `${count(report.writeUnits)} write units`}; ` +
        `${count(report.reads)} items read while waiting`,
    ],
    ...(log?.invocations === 0
      ? [['cost', 'missing: the log has no REPORT line'] satisfies Fact]
      : costRows(cost)),
    ...(report.missing.length === 0 ? [] : [['missing', report.missing.join('\n')] satisfies Fact]),
  ]);
  return {
    ...facts,
    charts: [
      ...progressCharts(report.timeline),
      ...(log === null ? [] : batchCharts(log)),
      ...labelCharts(report),
      ...(cost === null ? [] : costCharts(cost)),
    ],
  };
};

/** The report of an ingest that has not ended. @param state `under way`, `interrupted` */
export const unfinishedStageSection = (
  stage: string,
  records: number,
  timeline: readonly Timed<RecordProgress>[],
  state: string,
): Section => {
  const { seconds = 0, produced = 0, done = 0 } = timeline.at(-1) ?? {};
  return {
    ...factsSection('ingest', `An ingest of ${count(records)} records into stage ${stage}, ${state}`, [
      ['records', `${count(produced)} written, ${count(done)} labelled`],
      timeRow({ seconds, recordsPerSecond: done / Math.max(seconds, 0.001) }),
    ]),
    charts: progressCharts(timeline),
    notes: [unfinishedNote(state)],
  };
};

/** The faults in a report; undefined where there are none. */
export const stageFaultOf = (
  { lost, wrong, rejects }: StageReport,
  { allowRejects }: { readonly allowRejects: boolean },
): string | undefined => {
  if (lost === 0 && wrong === 0) {
    return allowRejects ? undefined : rejectsFault(rejects);
  }
  return `lost ${lost}, wrong ${wrong}${lost > 0 ? '. The same command goes on waiting for labels; see the rejects and the alarms of the stage' : ''}`;
};
