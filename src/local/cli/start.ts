/** `npm start`: an ingest through the embedded parts, with a progress bar and a report. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ConfigError, ModelError } from '../../errors.ts';
import { ingest } from '../ingest.ts';
import { InputError } from '../input/input-error.ts';
import { reportTable } from '../report.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

const whole = (from: number, to: number) => (value: string) => {
  const number = Number(value);
  if (Number.isInteger(number) && number >= from && number <= to) return number;
  throw new InvalidArgumentError(`It should be a whole number from ${from} to ${to}.`);
};

const program = new Command('npm start --')
  .description('Ingests messages through embedded DynamoDB and Kinesis and the built function, and reports.')
  .option('--records <n>', 'messages to ingest', whole(1, 100_000_000), 50_000)
  .option('--batch-size <n>', 'most records of a batch', whole(1, 10_000))
  .option('--window <seconds>', 'how long a batch waits to fill', whole(0, 300))
  .option('--shards <n>', 'shards of the stream', whole(1, 100))
  .option('--concurrency <n>', 'batches of a shard in work at a time', whole(1, 10))
  .option('--model <name>', 'model, as name or name@version')
  .option('--input <file>', 'messages from a .csv, .jsonl or .ndjson file instead of generated ones')
  .option('--text-column <name>', 'where the file has the text', 'text')
  .option(
    '--label-column <name>',
    'where the file has the label it should get; the report then has the accuracy',
  )
  .addOption(new Option('--store <name>', 'where labels go').choices(['update-item', 'labels-table']))
  .option('--memory <MB>', "the function's memory", whole(128, 10_240))
  .option('--seed <n>', 'seed of the generated messages', whole(0, 2 ** 32 - 1), 1)
  .option('--report <file>', 'write the report as JSON, too')
  .option('--quiet', 'no progress bar and no table');

const main = async (): Promise<number> => {
  const { report: file, quiet = false, ...options } = program.parse().opts();
  const bar = new SingleBar({
    format: '{bar} {value}/{total} labelled, {produced} in the stream, {eta_formatted} to go',
    hideCursor: true,
    noTTYOutput: !quiet,
    notTTYSchedule: 5_000,
    etaBuffer: 100,
  });
  if (!quiet) bar.start(options.records, 0, { produced: 0 });
  try {
    const report = await ingest(ROOT, {
      ...options,
      records: options.records,
      onProgress: ({ produced, done }) => bar.update(Math.min(done, options.records), { produced }),
    });
    bar.stop();
    if (!quiet) console.log(reportTable(report));
    if (file !== undefined) await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
    if (report.lost === 0 && report.wrong === 0 && report.items === report.records) return 0;
    console.error(
      `lost ${report.lost}, wrong ${report.wrong}, items ${report.items} of ${report.records} records`,
    );
    return 1;
  } finally {
    bar.stop();
  }
};

// The emulators and the function's environments end with this process, however it ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  process.exitCode = await main();
} catch (error) {
  const isUsersFault = [InputError, ConfigError, ModelError].some((kind) => error instanceof kind);
  console.error(isUsersFault && error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
