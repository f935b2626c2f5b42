import { type Fact, factsSection, type Section, tableSection } from '../report/section.ts';
import type { BatchReport } from './local.ts';

const whole = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

/** The report of a batch on this machine: what was done, and what could not be. */
export const batchSections = (report: BatchReport, output: string): readonly Section[] => [
  factsSection('batch', `${output}: ${whole(report.objects)} objects`, [
    ...(report.finishedBefore > 0 ? [['done before', whole(report.finishedBefore)] as const] : []),
    ['finished now', whole(report.tally.objects)],
    ...(report.skipped > 0 ? [['skipped', `${whole(report.skipped)} files of other kinds`] as const] : []),
    ...(report.tally.superseded > 0 ? [['replaced meanwhile', whole(report.tally.superseded)] as const] : []),
    ['lines', whole(report.tally.counts.lines ?? 0)],
    ['labelled', whole(report.tally.counts.labelled ?? 0)],
    ...errorFacts(report.tally.errors),
    ['shards', leftText(report)],
    ...(report.texts > 0 ? [['texts a second', whole(report.texts / report.seconds)] as const] : []),
    ...(report.tally.peakMB > 0
      ? [['memory of a process', `${whole(report.tally.peakMB)} MB`] as const]
      : []),
    ['seconds', report.seconds.toFixed(1)],
  ]),
  ...(report.tally.failures.length === 0 ? [] : [failuresSection(report)]),
];

const errorFacts = (errors: Readonly<Record<string, number>>): readonly Fact[] =>
  Object.entries(errors).map(([code, lines]) => [`lines with ${code}`, whole(lines)]);

const leftText = ({ tally: { shards }, left }: BatchReport): string =>
  left === undefined || left === 0 ? whole(shards) : `${whole(shards)} done, ${whole(left)} left`;

const failuresSection = ({ tally: { failures } }: BatchReport): Section =>
  tableSection(
    'failures',
    'What could not be done',
    [
      { key: 'object', head: 'object' },
      { key: 'shard', head: 'shard' },
      { key: 'reason', head: 'why' },
    ],
    failures.map(({ bucket, key, shard, reason }) => ({
      object: `${bucket}/${key}`,
      shard: shard ?? 'all',
      reason,
    })),
  );

/** Whether all that was asked for is done, without an error in any line. */
export const isFine = ({ tally: { failures, errors } }: BatchReport): boolean =>
  failures.length === 0 && Object.keys(errors).length === 0;
