/** `npm run batch`: classifies files, in processes of this machine or as a job of a stage on AWS Batch. */
import { availableParallelism } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { onSignals } from '../../server/signals.ts';
import { OBJECT_FORMATS } from '../../wire/objects-config.ts';
import { localEnvironment, type LocalChoices } from '../batch/local-environment.ts';
import { runLocalBatch } from '../batch/local.ts';
import { batchSections, isFine } from '../batch/report.ts';
import { openBuildFolder } from '../build/build-folder.ts';
import { buildLayers } from '../build/layers.ts';
import { openReport } from '../report/report-file.ts';
import { sectionText } from '../report/terminal.ts';
import { defaultParameters, longestText } from '../serverless-yml/default-parameters.ts';
import { UserError } from '../user-error.ts';
import { whole } from './options.ts';
import { addStageCommands } from './batch-stage.ts';
import { progressBar } from './progress-bar.ts';
import { ROOT } from './root.ts';
import { run, STATUS, withStatus } from './run.ts';

interface Options extends Partial<LocalChoices> {
  readonly workers: number;
  readonly report?: string;
  readonly html?: string;
  readonly models?: string;
  readonly quiet?: boolean;
}

/** As a shell has it for SIGINT: what was asked for is not done, and nothing is wrong. */
const STOPPED = 130;

/** Results go to standard output, all other messages to standard error. */
const log = (line: string): void => console.error(line);

const program = new Command('npm run batch --')
  .description(
    'Classifies files of records: JSON lines, CSV, TSV, plain text (each also .gz), Parquet, exports of DynamoDB. ' +
      'Run again after it was stopped or killed, it goes on where it was.',
  )
  .option('--input <place>', 'a file, a folder, or s3://bucket/prefix')
  .option('--output <place>', 'a folder, or s3://bucket/prefix')
  .option(
    '--model <name>',
    "model, as name or name@version; several, separated by commas; else serverless.yml's",
  )
  .option('--models <folder>', 'models of another folder, <folder>/<name>/<version>, as they are')
  .option('--text-column <names>', "where the text is: the first of these; else serverless.yml's")
  .option('--question-column <name>', "where a question is; else serverless.yml's")
  .option('--context-column <name>', "where the text is that answers it; else serverless.yml's")
  .option(
    '--id-column <names>',
    'what identifies a line: the first of these; else recordId, custom_id, id, _id',
  )
  .addOption(
    new Option('--format <name>', 'of the files, instead of what their names say').choices(OBJECT_FORMATS),
  )
  .option('--join', "JSON lines of the output have the input's fields, too")
  .option('--workers <n>', 'processes side by side', whole(1, 256), availableParallelism())
  .option('--shard-mb <MB>', 'of a large file that one process works on at a time', whole(1, 4_096))
  .option('--report <file>', 'write the report as JSON, too')
  .option('--html <file>', 'write the report as a page, too')
  .option('--quiet', 'no progress bar and no table');

/** @throws UserError */
const placesOf = ({ input, output }: Options): Pick<LocalChoices, 'input' | 'output'> => {
  if (input !== undefined && output !== undefined) return { input, output };
  throw new UserError(
    'Give --input (a file, a folder or s3://bucket/prefix) and --output (a folder or s3://bucket/prefix); ' +
      'or one of submit, status, cancel, for a job on AWS Batch.',
  );
};

const environmentOf = async ({
  models,
  ...choices
}: LocalChoices & Pick<Options, 'models'>): Promise<NodeJS.ProcessEnv> => {
  await openBuildFolder(ROOT);
  const { model, textAttributes, questionAttribute, contextAttribute } = await defaultParameters(ROOT);
  // The models as deployed, where graphs may be joined.
  const { opt } = await buildLayers({ architecture: 'host', root: ROOT });
  const paths = [join(opt, 'nodejs', 'node_modules'), process.env.NODE_PATH];
  const settings = localEnvironment(choices, {
    model: String(model),
    textAttributes: String(textAttributes),
    questionAttribute: String(questionAttribute),
    contextAttribute: String(contextAttribute),
    maxTextCharacters: await longestText(ROOT),
    modelsDir: models === undefined ? join(opt, 'models') : resolve(models),
  });
  return {
    ...process.env,
    ...settings,
    NODE_PATH: paths.filter(Boolean).join(delimiter),
    // Halves the start of its processes.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(ROOT, '.build', 'compile-cache'),
    ORT_DISABLE_TELEMETRY: '1',
  };
};

const onThisMachine = async (options: Options): Promise<number> => {
  const { workers, quiet = false } = options;
  const choices = { ...options, ...placesOf(options) };
  const save = await openReport(options, 'npm run batch');
  const env = await environmentOf(choices);
  const [stop, abort] = [new AbortController(), new AbortController()];
  const bar = progressBar('{bar} {percentage} %, {texts} texts, {eta_formatted} to go', { quiet });
  onSignals(
    () => {
      stop.abort(new Error('the command was stopped'));
      if (!quiet) log('\nStopping when the shards that have begun are done; once more to stop at once.');
    },
    () => abort.abort(),
  );
  try {
    const report = await runLocalBatch({
      ...{ env, workers, stop: stop.signal, abort: abort.signal },
      program: join(ROOT, 'src', 'main.ts'),
      onProgress: ({ bytes, totalBytes, texts }) => {
        if (quiet) return;
        if (!bar.isActive) bar.start(Math.ceil(totalBytes), 0, { texts });
        bar.update(Math.floor(bytes), { texts });
      },
    });
    bar.stop();
    const sections = batchSections(report, choices.output);
    await save({ ...report, sections });
    if (!quiet) for (const section of sections) console.log(sectionText(section));
    if (report.left !== 0) {
      log('Stopped: the same command again does the rest.');
      return STOPPED;
    }
    return isFine(report) ? STATUS.fine : STATUS.broken;
  } finally {
    bar.stop();
  }
};

addStageCommands(program);
await run(program.action(withStatus(onThisMachine)));
