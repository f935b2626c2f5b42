/** `npm run compare`: two models over the same texts. */
import { Command } from 'commander';
import { must } from '../../errors.ts';
import { compareModels } from '../compare/run.ts';
import { textsOfFile, textsOfStage } from '../compare/texts.ts';
import { openReport } from '../report/report-file.ts';
import { sectionText } from '../report/terminal.ts';
import { longestText } from '../serverless-yml/default-parameters.ts';
import { UserError } from '../user-error.ts';
import { whole } from './options.ts';
import { progressBar } from './progress-bar.ts';
import { ROOT } from './root.ts';
import { run, STATUS, withStatus } from './run.ts';

interface Options {
  readonly input?: string;
  readonly stage?: string;
  readonly region?: string;
  readonly items: number;
  readonly textColumn?: string;
  readonly labelColumn?: string;
  readonly report?: string;
  readonly html?: string;
  readonly quiet?: boolean;
}

const program = new Command('npm run compare --')
  .description(
    'Lets two models of models/ classify the same texts, or a candidate and the model of a stage its items, and shows where they differ and, where labels are known, which ' +
      'is better, what a cascade of them would reach, and what each takes.',
  )
  .argument('<first>', 'a model, as name or name@version')
  .argument('[second]', 'another one; with --stage there is none')
  .option('--input <file>', 'texts: .csv, .tsv, .jsonl or .ndjson')
  .option(
    '--stage <name>',
    'compare with the model that this stage uses, on items of its table: nothing is written',
  )
  .option('--region <name>', "of the stage, instead of AWS_REGION or serverless.yml's")
  .option('--items <n>', 'of the table of the stage, from all over it', whole(1, 1_000_000), 1_000)
  .option('--text-column <name>', 'the column with the text ("text")')
  .option('--label-column <name>', 'the column, or the attribute of the items, with the expected label')
  .option('--report <file>', 'write the report as JSON, too')
  .option('--html <file>', 'write the report as a page, too')
  .option('--quiet', 'no progress bar and no tables');

/** The models, and the texts to compare them on. @throws UserError where options do not go together */
const chosen = async (first: string, second: string | undefined, options: Options) => {
  const { input, stage, region, items, textColumn, labelColumn } = options;
  if ((input === undefined) === (stage === undefined))
    throw new UserError('Give texts: --input FILE, or --stage NAME for items of its table.');
  if (stage === undefined) {
    if (second === undefined) throw new UserError('Name two models: npm run compare -- FIRST SECOND.');
    const texts = await textsOfFile({ input: must(input, 'input'), textColumn, labelColumn });
    return { models: [first, second], texts, maxTextCharacters: await longestText(ROOT) } as const;
  }
  if (second !== undefined || textColumn !== undefined)
    throw new UserError(
      `${second === undefined ? '--text-column' : second} does not go with --stage: its model and its texts are those of the stage.`,
    );
  const texts = await textsOfStage(ROOT, { stage, region, items, labelAttribute: labelColumn });
  const { inUse, maxTextCharacters } = texts;
  return { models: [inUse, first], texts, maxTextCharacters } as const;
};

const main = async (
  first: string,
  second: string | undefined,
  { quiet = false, ...options }: Options,
): Promise<number> => {
  const save = await openReport(options, `${first} and ${second ?? `what ${options.stage} uses`}`);
  const bar = progressBar('{bar} {value}/{total} texts', { quiet });
  try {
    const report = await compareModels(ROOT, {
      ...(await chosen(first, second, options)),
      onProgress: (done, total) => {
        if (!bar.isActive) bar.start(total, 0);
        bar.update(done);
      },
    });
    bar.stop();
    await save(report);
    if (!quiet) console.log(report.sections.map(sectionText).join('\n\n'));
    return STATUS.fine;
  } finally {
    bar.stop();
  }
};

await run(program.action(withStatus(main)));
