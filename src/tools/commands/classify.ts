/** `npm run classify`: labels texts, or the rows of a file, with models in this process. */
import { stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Command } from 'commander';
import { openBuildFolder } from '../build/build-folder.ts';
import { allFields, fieldNames, labelFields } from '../classify/fields.ts';
import { checkFiles, labelFile } from '../classify/label-file.ts';
import { type Labeller, openLabeller, type TextLabel } from '../classify/labeller.ts';
import { defaultParameters, longestText } from '../serverless-yml/default-parameters.ts';
import { buildLayers } from '../build/layers.ts';
import { rejectsText } from '../ingest/verify/rejects.ts';
import { factsSection } from '../report/section.ts';
import { sectionText } from '../report/terminal.ts';
import { UserError } from '../user-error.ts';
import { progressBar } from './progress-bar.ts';
import { ROOT } from './root.ts';
import { run, STATUS, withStatus } from './run.ts';
import { whole } from './options.ts';

interface Options {
  readonly model?: string;
  readonly topK?: number;
  readonly json?: boolean;
  readonly input?: string;
  readonly output?: string;
  readonly textColumn: string;
  readonly prefix?: string;
  readonly quiet?: boolean;
}

const program = new Command('npm run classify --')
  .description(
    'Labels texts, or the rows of a file, as the function does: the same labels and scores. Nothing is started but the models.',
  )
  .argument('[texts...]', 'what to label, each in quotes')
  .option(
    '--model <name>',
    "model, as name or name@version; several, separated by commas; else serverless.yml's",
  )
  .option('--top-k <n>', 'list the n most probable labels', whole(1, 1_000))
  .option('--json', 'a JSON line for each text')
  .option('--input <file>', 'label the rows of a .csv, .tsv, .jsonl or .ndjson file instead')
  .option('--output <file>', 'where they go, with columns for label, score and error')
  .option('--text-column <name>', 'the column with the text; in JSON a path, too: message.body', 'text')
  .option('--prefix <name>', 'of the new columns of one model, instead of its own (label)')
  .option('--quiet', 'no progress bar and no summary');

/** @throws UserError where options cannot be combined */
const checkOptions = (texts: readonly string[], options: Options): void => {
  const { input, output, json, prefix, model = '' } = options;
  if (input === undefined && output === undefined) {
    if (texts.length > 0 && prefix === undefined) return;
    throw new UserError(
      texts.length > 0
        ? '--prefix is for columns of a file (--input, --output).'
        : 'Nothing to label: give texts, npm run classify -- "a text", or --input FILE --output FILE.',
    );
  }
  if (input === undefined || output === undefined)
    throw new UserError(`--${input === undefined ? 'output needs --input' : 'input needs --output'} FILE.`);
  if (texts.length > 0 || json)
    throw new UserError(
      `${json ? '--json' : 'Texts'} and --input do not go together: a file goes into --output.`,
    );
  if (prefix !== undefined && (model.includes(',') || !/^[\w.-]+$/.test(prefix)))
    throw new UserError('--prefix is for one model, and consists of letters, digits, ".", "_" and "-".');
};

const open = async ({ model, topK }: Options): Promise<Labeller> => {
  await openBuildFolder(ROOT);
  const parameters = await defaultParameters(ROOT);
  // The models as deployed, where graphs may be joined.
  const { opt } = await buildLayers({ architecture: 'host', root: ROOT });
  // Threads of a transformer find ONNX Runtime as on Lambda, independent of the working folder.
  const paths = [join(opt, 'nodejs', 'node_modules'), process.env.NODE_PATH];
  process.env.NODE_PATH = paths.filter(Boolean).join(delimiter);
  const names = (model ?? String(parameters.model)).split(',').map((name) => name.trim());
  const maxTextCharacters = await longestText(ROOT);
  return openLabeller({ folder: join(opt, 'models'), names, topK, maxTextCharacters });
};

/** The lines of a text: label and score of each model, several where labels are listed. */
const lines = (labels: readonly TextLabel[]): readonly string[] =>
  labels.flatMap((label) => {
    const named = labels.length > 1 ? `${label.model.id}\t` : '';
    const fields = labelFields(label, 'label');
    if ('error' in label) return [`${named}error ${label.error.code}: ${label.error.message}`];
    const names = fieldNames('label');
    const best = { label: fields[names.label], score: fields[names.score] };
    const listed = (fields[names.listed] ?? [best]) as readonly (typeof best)[];
    return listed.map(({ label: name, score }) => `${named}${String(name)}\t${String(score)}`);
  });

const jsonLine = (labels: readonly TextLabel[]): string =>
  JSON.stringify(
    allFields(
      labels.map((label) => ({
        ...labelFields(label),
        [fieldNames(label.model.attribute).model]: label.model.id,
      })),
    ),
  );

const labelTexts = async (texts: readonly string[], options: Options): Promise<number> => {
  const labelled = await (await open(options)).label(texts);
  for (const [index, labels] of labelled.entries()) {
    const own = options.json ? [jsonLine(labels)] : lines(labels);
    // If a text has several lines, texts are separated.
    if (index > 0 && own.length > 1) console.log();
    for (const line of own) console.log(line);
  }
  return labelled.flat().some((label) => 'error' in label) ? STATUS.broken : STATUS.fine;
};

const labelRows = async (input: string, output: string, options: Options): Promise<number> => {
  const { textColumn, prefix, quiet = false } = options;
  await checkFiles(input, output);
  const labeller = await open(options);
  const bar = progressBar('{bar} {percentage} %, {rows} rows, {eta_formatted} to go', { quiet });
  const { size } = await stat(input);
  try {
    const { rows, errors } = await labelFile(labeller, {
      input,
      output,
      textColumn,
      prefix,
      onProgress: ({ bytes, rows: done }) => {
        if (quiet) return;
        if (!bar.isActive) bar.start(size, 0, { rows: 0 });
        bar.update(bytes, { rows: done });
      },
    });
    bar.stop();
    const reasons = rejectsText(errors);
    const models = labeller.models.map(({ id }) => id).join(', ');
    const summary = `${output}: ${rows.toLocaleString('en-US')} rows by ${models}${reasons && `; errors: ${reasons}`}`;
    if (!quiet) console.log(sectionText(factsSection('classify', summary, [])));
    return reasons === '' ? STATUS.fine : STATUS.broken;
  } finally {
    bar.stop();
  }
};

// Unfinished output is deleted when the process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const main = async (texts: readonly string[], options: Options): Promise<number> => {
  checkOptions(texts, options);
  const { input, output } = options;
  return input === undefined || output === undefined
    ? labelTexts(texts, options)
    : labelRows(input, output, options);
};

await run(program.action(withStatus(main)));
// The threads of a loaded transformer would keep the process running. Output may not be flushed yet.
process.stdout.write('', () => process.exit());
