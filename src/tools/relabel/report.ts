import type { RelabelCounts } from '../../pipeline/relabel/counts.ts';
import type { Where } from '../../pipeline/relabel/survey.ts';
import { type Fact, factsSection, type Section } from '../report/section.ts';
import { PRICES } from '../costs/prices.ts';
import type { RelabelCost } from '../costs/relabel-cost.ts';
import type { Estimate } from './cost.ts';
import type { FaultReport } from './faults.ts';
import type { Consumed } from '../../pipeline/relabel/counts.ts';

export interface RelabelReport extends FaultReport {
  readonly table: string;
  /** `name@version` */
  readonly model: string;
  readonly where: Where;
  /** `scan`, or the export. */
  readonly source: string;
  /** False where the run was interrupted: the same command goes on. */
  readonly isComplete: boolean;
  /** Of all runs of the command so far, as consumed capacity, seconds and cost are. */
  readonly counts: RelabelCounts;
  readonly consumed: Consumed;
  readonly seconds: number;
  readonly cost: RelabelCost;
  /** Of a dry run: what labelling would take. */
  readonly estimate: Estimate | null;
}

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const count = (value: number): string => number.format(value);
const dollars = (amount: number): string => `$${amount < 0.1 ? amount.toFixed(5) : amount.toFixed(2)}`;

const listed = (
  counts: RelabelCounts,
  names: Readonly<Partial<Record<keyof RelabelCounts, string>>>,
): string =>
  Object.entries(names)
    .filter(([key]) => counts[key as keyof RelabelCounts] > 0)
    .map(([key, name]) => `${name} ${count(counts[key as keyof RelabelCounts])}`)
    .join(', ') || 'none';

const costText = ({ reads, writes, changeCapture, total }: RelabelCost): string =>
  `${dollars(total)}: reads ${dollars(reads)}, writes ${dollars(writes)}, change capture ${dollars(changeCapture)} ` +
  `(on demand, ${PRICES.region}, ${PRICES.asOf})`;

const unitsText = ({ read, write }: Consumed): string =>
  `${count(read)} read units, ${count(write)} write units`;

const estimateRows = ({ estimate }: RelabelReport): readonly Fact[] => {
  if (estimate === null) return [];
  const { writeUnits, seconds, cost } = estimate;
  return [
    [
      'labelling takes',
      `${count(writeUnits)} write units${seconds === null ? '' : `, about ${count(seconds)} s`}`,
    ],
    ['and costs', costText(cost)],
  ];
};

/** The report in words. */
export const relabelSection = (report: RelabelReport): Section => {
  const { table, model, counts, consumed, seconds, cost, reasons, estimate } = report;
  const isDry = estimate !== null;
  const reasonText = Object.entries(reasons)
    .map(([reason, times]) => `${reason} ${count(times)}`)
    .join(', ');
  return factsSection(
    'relabel',
    `${isDry ? 'A dry run of relabelling' : 'Relabelling'} ${table} with ${model}`,
    [
      [
        'examined',
        `${count(counts.examined)}${report.isComplete ? '' : ', interrupted: the same command goes on'}`,
      ],
      [
        'to be labelled',
        `stale ${count(counts.stale)}, missing ${count(counts.missing)}, chosen ${count(counts.chosen)}`,
      ],
      [
        'left alone',
        listed(counts, {
          current: 'labelled by the model',
          noText: 'without text',
          otherModel: 'of other models',
          invalid: 'not readable',
        }),
      ],
      ...(isDry
        ? []
        : [
            [
              'outcomes',
              listed(counts, {
                labelled: 'labelled',
                cleared: 'cleared',
                unchanged: 'unchanged',
                superseded: 'superseded',
                rejected: 'rejected',
                failed: 'failed',
              }),
            ] satisfies Fact,
          ]),
      ...(reasonText === '' ? [] : [['reasons', reasonText] satisfies Fact]),
      ['capacity', unitsText(consumed)],
      ['cost', costText(cost)],
      [
        'time',
        `${count(seconds)} s, ${count(Math.round(counts.examined / Math.max(seconds, 1e-3)))} items/s`,
      ],
      ...estimateRows(report),
    ],
  );
};

/** What is left to do, in a sentence; undefined where that is nothing. */
export const faultOf = ({ counts, isComplete }: RelabelReport): string | undefined =>
  isComplete && counts.failed > 0
    ? `${count(counts.failed)} items could not be labelled: the same command tries them again.`
    : undefined;
