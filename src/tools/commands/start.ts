/** `npm start`: an ingest through embedded services, with a progress bar and a report. */
import { Command, Option, type OptionValues } from 'commander';
import { openBuildFolder } from '../build/build-folder.ts';
import { badDay } from '../chaos/bad-day/bad-day.ts';
import { ingest } from '../ingest/ingest.ts';
import { takenText } from '../ingest/input/survey.ts';
import { memoryFault } from '../emulators/lambda/memory-fault.ts';
import { rejectsFault } from '../ingest/verify/rejects.ts';
import { type IngestReport, ingestSection, unfinishedSection } from '../ingest/report.ts';
import type { Fact } from '../report/section.ts';
import { figuresText } from '../report/terminal.ts';
import { checkStageOptions, runStageIngest } from '../ingest/stage/run.ts';
import { runObjects } from '../objects/run.ts';
import { startInput } from '../ingest/input/start-input.ts';
import { UserError } from '../user-error.ts';
import { onInterrupt } from './on-interrupt.ts';
import { progressBar } from './progress-bar.ts';
import { ROOT } from './root.ts';
import { run, STATUS, withStatus } from './run.ts';
import { openStartReport } from './start-report.ts';
import { LABEL_STORES } from '../../stores/label-stores.ts';
import { whole } from './options.ts';

const program = new Command('npm start --')
  .description(
    'Ingests messages through embedded DynamoDB and Kinesis and the built function, or into a deployed stage, and reports.',
  )
  .option('--stage <name>', 'write into the table of this deployed stage instead, and wait for its labels')
  .option('--objects <files...>', 'classify files in an embedded S3 instead, as the S3 door does')
  .option('--output <folder>', 'where outputs of --objects go: .build/objects-output, unless given')
  .option('--region <name>', "of the stage, instead of AWS_REGION or serverless.yml's")
  .option('--patience <seconds>', 'how long to wait for the next label of the stage', whole(1, 86_400), 120)
  .option(
    '--records <n>',
    'messages to ingest: each of the file once, or 50,000 generated ones, unless given',
    whole(1, 100_000_000),
  )
  .option('--batch-size <n>', 'maximum number of records in a batch', whole(1, 10_000))
  .option('--window <seconds>', 'how long a batch waits to fill', whole(0, 300))
  .option('--shards <n>', 'shards of the stream', whole(1, 100))
  .option('--concurrency <n>', 'batches of a shard that are processed at a time', whole(1, 10))
  .option('--model <name>', 'model, as name or name@version; several, separated by commas')
  .option('--input <file>', 'messages from a .csv, .tsv, .jsonl or .ndjson file instead of generated ones')
  .option('--text-column <name>', 'the column with the text; in JSON a path, too: message.body', 'text')
  .option('--question-column <name>', 'where the model answers questions: the column with them', 'question')
  .option('--context-column <name>', 'the column with the texts that they are about', 'context')
  .option('--label-column <name>', 'the column with the expected label; the report then has the accuracy')
  .addOption(new Option('--store <name>', 'where labels go').choices(LABEL_STORES))
  .option('--memory <MB>', "the function's memory", whole(128, 10_240))
  .option('--seed <n>', 'seed of the generated messages, and of the chaos', whole(0, 2 ** 32 - 1), 1)
  .option(
    '--chaos',
    'a bad day: poison, duplicates, reordering, faults, killed environments; beside a quiet one',
  )
  .option('--outage <seconds>', 'part of a bad day in which DynamoDB does not answer', whole(0, 86_400), 0)
  .option('--allow-rejects', 'exit status 0 even if messages could not be labelled and were put aside')
  .option('--report <file>', 'write the report as JSON, too')
  .option('--html <file>', 'write the report as a page, too')
  .option(
    '--open',
    'show the page in a browser while the ingest runs; it is .build/start.html, or that of --html',
  )
  .option('--quiet', 'no progress bar and no table');

/** The faults in a report; undefined where there are none. */
const faultOf = (
  { lost, wrong, resurrected, items, records, chaos, rejects }: IngestReport,
  allowRejects: boolean,
): string | undefined => {
  const expected = chaos?.survivors ?? records;
  const poison = chaos === null || (chaos.rejects === chaos.poison && chaos.strays === 0);
  if (lost === 0 && wrong === 0 && resurrected === 0 && items === expected && poison) {
    // On a bad day the poison has to be among the rejects.
    return chaos !== null || allowRejects ? undefined : rejectsFault(rejects);
  }
  return (
    `lost ${lost}, wrong ${wrong}, resurrected ${resurrected}, items ${items} of ${expected}` +
    (chaos === null
      ? ''
      : `, rejects ${chaos.rejects} and ${chaos.strays} more of ${chaos.poison} poison records`)
  );
};

/** Prints the fault, if any. @returns the exit status */
const statusOf = (fault: string | undefined): number => {
  if (fault === undefined) return STATUS.fine;
  console.error(fault);
  return STATUS.broken;
};

const BAR = '{bar} {value}/{total} labelled, {produced} in the stream, {eta_formatted} to go';

const OBJECTS_BAR = '{bar} {value}/{total} objects and shards';

const main = async ({
  report: file,
  html,
  open,
  quiet = false,
  chaos = false,
  allowRejects = false,
  ...options
}: OptionValues): Promise<number> => {
  if (options.outage > 0 && !chaos) throw new UserError('--outage is part of a bad day: it needs --chaos.');
  if (open && options.objects !== undefined) throw new UserError('--open is not for --objects.');
  await openBuildFolder(ROOT);
  const pages = await openStartReport({ report: file, html, open });
  // The emulators and the function's environments end with this process in any case.
  onInterrupt(pages.interrupt);
  const given = Object.keys(options).filter((name) => program.getOptionValueSource(name) === 'cli');
  if (options.objects !== undefined) {
    const all = [...given, ...(chaos ? ['chaos'] : []), ...(allowRejects ? ['allowRejects'] : [])];
    const { report, fault } = await runObjects(
      ROOT,
      { ...options, quiet },
      all,
      progressBar(OBJECTS_BAR, { quiet }),
    );
    await pages.save(report);
    return statusOf(fault);
  }
  if (options.output !== undefined) throw new UserError('--output is for --objects.');
  const bar = progressBar(BAR, { quiet });
  if (options.stage !== undefined) {
    checkStageOptions([...given, ...(chaos ? ['chaos'] : [])]);
    const { stage, patience } = options;
    const { report, fault } = await runStageIngest(
      ROOT,
      { ...options, stage, patience, quiet, allowRejects },
      bar,
      pages.watch,
    );
    await pages.save(report);
    return statusOf(fault);
  }
  if (options.region !== undefined) throw new UserError('--region is for --stage; embedded parts have none.');
  const { records, survey, questions } = await startInput(ROOT, {
    ...options,
    questionColumn: options.questionColumn,
    contextColumn: options.contextColumn,
    given,
  });
  // A bad day is compared with a quiet day, which runs first.
  const total = records * (chaos ? 2 : 1);
  if (!quiet) bar.start(total, 0, { produced: 0 });
  try {
    const report = await (chaos ? badDay : ingest)(ROOT, {
      ...options,
      records,
      questions,
      textLength: survey?.textLength,
      onStart: (read) => pages.watch((state) => unfinishedSection(read(), state)),
      onProgress: ({ produced, done }) => bar.update(Math.min(done, total), { produced }),
    });
    bar.stop();
    const source: readonly Fact[] = survey === undefined ? [] : [['input', takenText(survey.taken)]];
    const section = ingestSection(report, source);
    if (!quiet) console.log(figuresText(section));
    await pages.save({ ...report, input: survey?.taken ?? null, sections: [section] });
    return statusOf(faultOf(report, allowRejects) ?? memoryFault(report.memoryMB));
  } finally {
    bar.stop();
  }
};

await run(program.action(withStatus(main)));
