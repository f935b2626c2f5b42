/** `npm start`: an ingest through the embedded parts, with a progress bar and a report. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command, Option } from 'commander';
import { ConfigError, ModelError } from '../../errors.ts';
import { badDay } from '../chaos/bad-day.ts';
import { ingest } from '../ingest.ts';
import { InputError } from '../input/input-error.ts';
import { memoryFault } from '../lambda/memory-fault.ts';
import { type IngestReport, reportTable } from '../report.ts';
import { StageError } from '../stage-ingest/errors.ts';
import { checkStageOptions, runStageIngest } from '../stage-ingest/run.ts';
import { whole } from './whole.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

const program = new Command('npm start --')
  .description(
    'Ingests messages through embedded DynamoDB and Kinesis and the built function, or into a deployed stage, and reports.',
  )
  .option('--stage <name>', 'write into the table of this deployed stage instead, and wait for its labels')
  .option('--region <name>', "of the stage, instead of AWS_REGION or serverless.yml's")
  .option('--patience <seconds>', 'how long to wait for a next label of the stage', whole(1, 86_400), 120)
  .option('--records <n>', 'messages to ingest', whole(1, 100_000_000), 50_000)
  .option('--batch-size <n>', 'most records of a batch', whole(1, 10_000))
  .option('--window <seconds>', 'how long a batch waits to fill', whole(0, 300))
  .option('--shards <n>', 'shards of the stream', whole(1, 100))
  .option('--concurrency <n>', 'batches of a shard in work at a time', whole(1, 10))
  .option('--model <name>', 'model, as name or name@version; several, separated by commas')
  .option('--input <file>', 'messages from a .csv, .jsonl or .ndjson file instead of generated ones')
  .option('--text-column <name>', 'where the file has the text', 'text')
  .option(
    '--label-column <name>',
    'where the file has the label it should get; the report then has the accuracy',
  )
  .addOption(
    new Option('--store <name>', 'where labels go').choices(['update-item', 'labels-table', 'partiql']),
  )
  .option('--memory <MB>', "the function's memory", whole(128, 10_240))
  .option('--seed <n>', 'seed of the generated messages, and of the chaos', whole(0, 2 ** 32 - 1), 1)
  .option('--chaos', 'a bad day: poison, duplicates, reordering, faults, deaths; beside a quiet one')
  .option('--outage <seconds>', 'of a bad day, in which DynamoDB answers nothing', whole(0, 86_400), 0)
  .option('--report <file>', 'write the report as JSON, too')
  .option('--quiet', 'no progress bar and no table');

/** What of a report is not as it should be; undefined where all is well. */
const faultOf = ({ lost, wrong, resurrected, items, records, chaos }: IngestReport): string | undefined => {
  const expected = chaos?.survivors ?? records;
  const poison = chaos === null || (chaos.rejects === chaos.poison && chaos.strays === 0);
  if (lost === 0 && wrong === 0 && resurrected === 0 && items === expected && poison) return undefined;
  return (
    `lost ${lost}, wrong ${wrong}, resurrected ${resurrected}, items ${items} of ${expected}` +
    (chaos === null
      ? ''
      : `, rejects ${chaos.rejects} and ${chaos.strays} more of ${chaos.poison} poison records`)
  );
};

/** @returns the exit status */
const told = (fault: string | undefined): number => {
  if (fault === undefined) return 0;
  console.error(fault);
  return 1;
};

const main = async (): Promise<number> => {
  const { report: file, quiet = false, chaos = false, ...options } = program.parse().opts();
  const bar = new SingleBar({
    format: '{bar} {value}/{total} labelled, {produced} in the stream, {eta_formatted} to go',
    hideCursor: true,
    noTTYOutput: !quiet,
    notTTYSchedule: 5_000,
    etaBuffer: 100,
  });
  const save = async (report: object): Promise<void> => {
    if (file !== undefined) await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  };
  if (options.stage !== undefined) {
    const given = Object.keys(options).filter((name) => program.getOptionValueSource(name) === 'cli');
    checkStageOptions([...given, ...(chaos ? ['chaos'] : [])]);
    const records = given.includes('records') ? options.records : undefined;
    const { stage, patience } = options;
    const { report, fault } = await runStageIngest(
      ROOT,
      { ...options, stage, patience, records, quiet },
      bar,
    );
    await save(report);
    return told(fault);
  }
  if (options.region !== undefined)
    throw new StageError('--region is for --stage; embedded parts have none.');
  // A bad day is a quiet one first.
  const total = options.records * (chaos ? 2 : 1);
  if (!quiet) bar.start(total, 0, { produced: 0 });
  try {
    const report = await (chaos ? badDay : ingest)(ROOT, {
      ...options,
      records: options.records,
      onProgress: ({ produced, done }) => bar.update(Math.min(done, total), { produced }),
    });
    bar.stop();
    if (!quiet) console.log(reportTable(report));
    await save(report);
    return told(faultOf(report) ?? memoryFault(report.memoryMB));
  } finally {
    bar.stop();
  }
};

// The emulators and the function's environments end with this process, however it ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  process.exitCode = await main();
} catch (error) {
  const isUsersFault = [InputError, ConfigError, ModelError, StageError].some(
    (kind) => error instanceof kind,
  );
  console.error(isUsersFault && error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
