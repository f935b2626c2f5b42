/** `npm run relabel`: labels the items of a table with another model, while the table is in use. */
import { relative } from 'node:path';
import { Command, Option } from 'commander';
import { type Where, WHERE } from '../../pipeline/relabel/survey.ts';
import { EMBEDDED_LABEL_STORES, LABEL_STORES, type LabelStoreName } from '../../stores/label-stores.ts';
import { awsFault } from '../aws-fault.ts';
import { openBuildFolder } from '../build/build-folder.ts';
import { openDemonstration } from '../relabel/demonstration.ts';
import { requireModel } from '../relabel/model.ts';
import { relabel } from '../relabel/relabel.ts';
import type { ExportChoice } from '../relabel/open-source.ts';
import { exportPlace } from '../../stores/table-export/place.ts';
import { parseS3Url } from '../../stores/objects/place.ts';
import { faultOf, relabelSection } from '../relabel/report.ts';
import { openTarget, type RelabelTarget } from '../relabel/target.ts';
import { openReport } from '../report/report-file.ts';
import { figuresText } from '../report/terminal.ts';
import { UserError } from '../user-error.ts';
import { whole } from './options.ts';
import { progressBar } from './progress-bar.ts';
import { relabelByBatch, requireBatchChoices } from './relabel-batch.ts';
import { ROOT } from './root.ts';
import { run, STATUS, withStatus } from './run.ts';

interface Choices {
  readonly html?: string;
  readonly model?: string;
  readonly where: Where;
  readonly stage?: string;
  readonly table?: string;
  readonly region?: string;
  readonly store?: LabelStoreName;
  readonly segments: number;
  readonly export?: string;
  readonly fromExport?: string | true;
  readonly batch: boolean;
  readonly children?: number;
  readonly readUnits?: number;
  readonly writeUnits?: number;
  readonly records: number;
  readonly dryRun: boolean;
  readonly verify: boolean;
  readonly report?: string;
  readonly quiet: boolean;
}

/** Of the demonstration: the model whose labels are there, and the one to relabel with. */
const FORMER = 'banking77-tfidf@1';
const DEMONSTRATED = 'banking77-minilm@1';

const INTERRUPTED = 130;

const program = new Command('npm run relabel --')
  .description(
    'Labels the items of a table that have no label of this model yet, while the table is in use. Without --stage and ' +
      '--table it shows that on an embedded table.',
  )
  .option('--model <name@version>', `a model of models/; in the demonstration ${DEMONSTRATED}`)
  .addOption(
    new Option('--where <items>', 'with another label, without one, or both').choices(WHERE).default('all'),
  )
  .option('--stage <name>', 'the table of this deployed stage, with its settings')
  .option('--table <name>', "a table without a stage, with the function's settings in the environment")
  .option('--region <name>', "instead of AWS_REGION or serverless.yml's")
  .addOption(new Option('--store <name>', 'where labels go, without --stage').choices(LABEL_STORES))
  .option('--export <place>', 'read this export, s3://bucket/prefix/AWSDynamoDB/<id>/, instead of the table')
  .option('--from-export [place]', 'export the table to s3://bucket/prefix first, and read that')
  .option('--batch', 'as a job of the stage on AWS Batch, which is submitted and not waited for', false)
  .option('--children <n>', 'how many share that job, instead of by the size of the table', whole(1, 10_000))
  .option('--segments <n>', 'parts of the table that are read side by side', whole(1, 1_000), 4)
  .option(
    '--read-units <n>',
    'read capacity units a second: half of what is provisioned, or 1,000',
    whole(1, 1e6),
  )
  .option('--write-units <n>', 'write capacity units a second: the same', whole(1, 1e6))
  .option('--records <n>', 'messages of the demonstration', whole(1, 1_000_000), 2_000)
  .option(
    '--dry-run',
    'count what would be labelled, and estimate units, time and cost: nothing is written',
    false,
  )
  .option('--no-verify', "without checking the model's examples first")
  .option('--report <file>', 'write the report as JSON, too')
  .option('--html <file>', 'write the report as a page, too')
  .option('--quiet', 'no progress bar and no table', false);

const BAR = '{bar} {value}/{total} examined, {labelled} labelled, {eta_formatted} to go';

const log = (line: string): void => console.error(line);

const open = async (choices: Choices): Promise<RelabelTarget> => {
  const { stage, table, store, records, region, model } = choices;
  if (stage !== undefined && table !== undefined)
    throw new UserError('--stage and --table do not go together: a stage has its own table.');
  if (stage === undefined && table === undefined) {
    const options = { store: store ?? 'update-item', model: model ?? DEMONSTRATED, former: FORMER, records };
    if (!EMBEDDED_LABEL_STORES.includes(options.store))
      throw new UserError(
        `The embedded DynamoDB has no PartiQL: use --store ${EMBEDDED_LABEL_STORES.join(' or ')}.`,
      );
    await requireModel(ROOT, options.model);
    return openDemonstration(ROOT, options);
  }
  if (model === undefined) throw new UserError('Name the model to relabel with: --model name@version.');
  await requireModel(ROOT, model);
  const named = stage === undefined ? { table: String(table) } : { stage };
  return openTarget({ root: ROOT, model, store, region, ...named });
};

const exportOf = async ({ export: existing, fromExport }: Choices): Promise<ExportChoice | undefined> => {
  if (existing !== undefined) return { place: await exportPlace(existing), isNew: false };
  if (fromExport === undefined) return undefined;
  if (fromExport === true)
    throw new UserError('--from-export needs a place without --batch: s3://bucket/prefix.');
  const place = parseS3Url(fromExport);
  if (place === undefined) throw new UserError(`--from-export ${fromExport}: should be s3://bucket/prefix.`);
  return { place, isNew: true };
};

const advise = ({ live, config: { MODEL } }: RelabelTarget, stage = ''): void => {
  const [id = ''] = MODEL;
  if (live === undefined || live.includes(id)) return;
  log(
    `New texts get labels of ${live.join(', ')}: switch the stage first, \`npm run model -- use ${id} --stage ${stage}\`.`,
  );
};

const main = async (choices: Choices): Promise<number> => {
  const {
    quiet,
    where,
    dryRun,
    verify,
    segments,
    readUnits: read,
    writeUnits: write,
    stage,
    table,
  } = choices;
  if (choices.export !== undefined && choices.fromExport !== undefined)
    throw new UserError('--export reads an export, --from-export starts one: give one of them.');
  if (choices.batch) requireBatchChoices(choices);
  await openBuildFolder(ROOT);
  const save = await openReport(choices, 'npm run relabel');
  const bar = progressBar(BAR, { quiet });
  const stop = new AbortController();
  let begun = false;
  const interrupt = (): void => {
    // A second time, or before there is anything to finish.
    if (stop.signal.aborted || !begun) process.exit(INTERRUPTED);
    stop.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  const isDemonstration = stage === undefined && table === undefined;
  const unlimited = isDemonstration ? Number.POSITIVE_INFINITY : undefined;
  let target: RelabelTarget | undefined;
  let hint = '';
  try {
    target = await open(choices);
    log(target.place);
    advise(target, stage);
    if (choices.batch) {
      // What it waits for goes on, and is waited for by the next run.
      [begun, hint] = [true, 'The same command goes on from there.'];
      return await relabelByBatch(target, choices, stop.signal);
    }
    const report = await relabel(ROOT, target, {
      ...{ where, dryRun, verify, segments, signal: stop.signal },
      from: await exportOf(choices),
      limits: { read: read ?? unlimited, write: write ?? unlimited },
      onStart: ({ table: facts, limits, before, progressPath }) => {
        begun = true;
        hint = `The same command goes on from there (${relative(process.cwd(), progressPath)}).`;
        if (before !== undefined)
          log(`${before.counts.examined} items are examined by an earlier run: going on.`);
        if (Number.isFinite(limits.read))
          log(`at most ${limits.read} read units and ${limits.write} write units a second`);
        if (!quiet) bar.start(Math.max(facts.items, before?.counts.examined ?? 0, 1), 0, { labelled: 0 });
      },
      onProgress: ({ counts: { examined, labelled } }) => {
        bar.setTotal(Math.max(bar.getTotal(), examined));
        bar.update(examined, { labelled });
      },
    });
    bar.stop();
    const section = relabelSection(report);
    if (!quiet) console.log(figuresText(section));
    await save({ ...report, sections: [section] });
    if (!report.isComplete) {
      if (!dryRun) log(`Interrupted. ${hint}`);
      return INTERRUPTED;
    }
    const fault = faultOf(report);
    if (fault === undefined) return STATUS.fine;
    log(fault);
    return STATUS.broken;
  } catch (cause) {
    bar.stop();
    // While it waited for an export.
    if (stop.signal.aborted) {
      log(`Interrupted. ${hint}`);
      return INTERRUPTED;
    }
    throw awsFault(cause, process.argv.slice(2).join(' '));
  } finally {
    bar.stop();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
    await target?.close();
  }
};

await run(program.action(withStatus(main)));
