/** `npm run compare`: two models over the same texts. */
import { Command } from 'commander';
import { compareModels } from '../compare/run.ts';
import { openReport } from '../report/report-file.ts';
import { sectionText } from '../report/terminal.ts';
import { longestText } from '../serverless-yml/default-parameters.ts';
import { progressBar } from './progress-bar.ts';
import { ROOT } from './root.ts';
import { run, STATUS, withStatus } from './run.ts';

interface Options {
  readonly input: string;
  readonly textColumn?: string;
  readonly labelColumn?: string;
  readonly report?: string;
  readonly html?: string;
  readonly quiet?: boolean;
}

const program = new Command('npm run compare --')
  .description(
    'Lets two models of models/ classify the same texts, and shows where they differ and, where labels are known, which ' +
      'is better, what a cascade of them would reach, and what each takes.',
  )
  .argument('<first>', 'a model, as name or name@version')
  .argument('<second>', 'another one')
  .requiredOption('--input <file>', 'texts: .csv, .tsv, .jsonl or .ndjson')
  .option('--text-column <name>', 'the column with the text ("text")')
  .option('--label-column <name>', 'the column with the expected label')
  .option('--report <file>', 'write the report as JSON, too')
  .option('--html <file>', 'write the report as a page, too')
  .option('--quiet', 'no progress bar and no tables');

const main = async (
  first: string,
  second: string,
  { quiet = false, ...options }: Options,
): Promise<number> => {
  const save = await openReport(options, `${first} and ${second}`);
  const bar = progressBar('{bar} {value}/{total} texts', { quiet });
  try {
    const report = await compareModels(ROOT, {
      ...options,
      models: [first, second],
      maxTextCharacters: await longestText(ROOT),
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
