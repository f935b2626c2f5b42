/** `npm run bench`: the model alone, the function around it, cold start and growth, measured in one run. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import { benchColdStart } from '../bench/cold-start.ts';
import { benchFunction } from '../bench/function.ts';
import { benchGrowth } from '../bench/growth.ts';
import { benchModel } from '../bench/model.ts';
import { buildFunction } from '../built-function.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

const program = new Command('npm run bench --')
  .description(
    'Measures on one thread, in one run on this machine. Ratios carry over to other machines; seconds do not.',
  )
  .option('--model <name>', 'model, as name or name@version')
  .option('--report <file>', 'write the figures as JSON, too')
  .parse();
const { report: file, ...choices } = program.opts();

const show = (
  title: string,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void => {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  table.push(...rows.map((row) => [...row]));
  console.log(`\n${title}\n${table.toString()}`);
};
const count = (value: number): string => Math.round(value).toLocaleString('en-US');

const built = await buildFunction(ROOT, choices);
const growth = await benchGrowth(built);
show(
  'Growth: the function over more and more records, batches of 100',
  ['records', 'µs a record', 'resident MB'],
  growth.map(({ records, microsPerRecord, residentMB }) => [
    count(records),
    microsPerRecord.toFixed(1),
    residentMB,
  ]),
);
const model = await benchModel(built);
show(
  `${model.model} alone, one thread`,
  ['batch', 'records/s'],
  model.batches.map(({ batchSize, recordsPerSecond }) => [batchSize, count(recordsPerSecond)]),
);
const pipeline = await benchFunction(built);
show(
  'The function, event JSON to labels ready to write, one thread, batches of 100',
  ['', 'records/s', "the function's speed over it"],
  [
    ['the function', count(pipeline.recordsPerSecond), ''],
    [
      'the bare graph, the batch as it comes',
      count(pipeline.bareRecordsPerSecond),
      pipeline.ofBare.toFixed(2),
    ],
    [
      'the model, in batches planned by length',
      count(pipeline.plannedRecordsPerSecond),
      pipeline.ofPlanned.toFixed(2),
    ],
  ],
);
const coldStart = await benchColdStart(ROOT, built);
show(
  'Cold start, from process spawn to a first batch of 100 labelled (the article: 3,912 ms)',
  ['init ms', 'batch ms', 'total ms', 'memory MB'],
  coldStart.map(({ initMs, batchMs, totalMs, maxMemoryMB }) => [
    count(initMs),
    count(batchMs),
    count(totalMs),
    maxMemoryMB,
  ]),
);
if (file !== undefined) {
  await writeFile(file, `${JSON.stringify({ model, function: pipeline, coldStart, growth }, null, 2)}\n`);
}
