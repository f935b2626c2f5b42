import Table from 'cli-table3';
import type { Cost } from './cost.ts';
import type { FunctionStats } from './lambda/function-stats.ts';
import type { Verification } from './verify.ts';

/** What an ingest took, and what the table is like after it. Times in ms unless said, memory in MB. */
export interface IngestReport extends Omit<Verification, 'labels' | 'accuracy'> {
  readonly records: number;
  readonly labelled: number;
  readonly unchanged: number;
  readonly superseded: number;
  readonly skipped: number;
  readonly rejected: number;
  /** From the first write to the last label. */
  readonly seconds: number;
  readonly recordsPerSecond: number;
  readonly invocations: number;
  readonly batchSize: number;
  readonly shards: number;
  /** Batches of a shard in work at a time. */
  readonly concurrency: number;
  readonly coldStarts: number;
  readonly initMs: FunctionStats['initMs'];
  readonly durationMs: FunctionStats['durationMs'];
  readonly billedMs: number;
  readonly memoryMB: FunctionStats['memoryMB'];
  /** `name@version` */
  readonly model: string;
  /** Null where the input does not say what the labels should be. */
  readonly accuracy: number | null;
  readonly labels: Verification['labels'];
  readonly cost: Cost;
}

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 2 });
const dollars = (amount: number): string => `$${amount < 0.1 ? amount.toFixed(5) : amount.toFixed(2)}`;

/** The report as a table for a terminal. */
export const reportTable = (report: IngestReport): string => {
  const { initMs, durationMs, memoryMB, cost } = report;
  const table = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'left'], wordWrap: true });
  const count = (value: number): string => number.format(value);
  table.push(
    ['records', `${count(report.records)} (items: ${count(report.items)})`],
    [
      'outcomes',
      (['labelled', 'unchanged', 'superseded', 'skipped', 'rejected'] as const)
        .map((kind) => `${kind} ${count(report[kind])}`)
        .join(', '),
    ],
    ['lost, wrong', `lost ${count(report.lost)}, wrong ${count(report.wrong)}`],
    ['time', `${count(report.seconds)} s, ${count(Math.round(report.recordsPerSecond))} records/s`],
    [
      'invocations',
      `${count(report.invocations)} of up to ${count(report.batchSize)} records; ` +
        `shards ${report.shards}, batches at a time per shard ${report.concurrency}`,
    ],
    [
      'duration',
      `p50 ${count(durationMs.p50)} ms, p95 ${count(durationMs.p95)} ms, max ${count(durationMs.max)} ms`,
    ],
    ['cold starts', `${report.coldStarts}, init p50 ${count(initMs.p50)} ms, max ${count(initMs.max)} ms`],
    [
      'billed',
      `${count(report.billedMs)} ms at ${memoryMB.configured} MB; used at most ${count(memoryMB.maxUsed)} MB`,
    ],
    [
      'model',
      report.model + (report.accuracy === null ? '' : `, accuracy ${percent.format(report.accuracy)}`),
    ],
    ['labels', report.labels.map(({ label, items }) => `${label} ${count(items)}`).join('\n')],
    [
      `cost of ${count(cost.records)}`,
      `Lambda ${dollars(cost.lambda)}, DynamoDB writes ${dollars(cost.dynamodbWrites)}, ` +
        `Kinesis ${dollars(cost.kinesisPuts)}: ${dollars(cost.perIngest)}`,
    ],
    [
      'break-even',
      `${count(cost.breakEvenIngests)} ingests a month cost as much as an ${cost.endpoint.instance} endpoint ` +
        `(${dollars(cost.endpoint.perMonth)} a month)`,
    ],
    [
      'the article, 2019',
      `Lambda ${dollars(cost.article.lambda)}; ${count(cost.article.breakEvenIngests)} ingests a month to break even ` +
        `(${dollars(cost.article.endpointPerMonth)})`,
    ],
  );
  return table.toString();
};
