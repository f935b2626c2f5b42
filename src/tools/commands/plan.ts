/** `npm run plan`: settings for a required rate, and what each door of a stage costs. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { measuredModel, readBenchReport } from '../costs/bench-report.ts';
import { doorsOf, type Wanted } from '../costs/doors/doors.ts';
import { LAMBDA } from '../costs/plan.ts';
import { PRICES } from '../costs/prices.ts';
import { stageParameters } from '../costs/stage-parameters.ts';
import { LABEL_STORES, type LabelStoreName } from '../../stores/label-stores.ts';
import { type Fact, factsSection, type Section } from '../report/section.ts';
import { reportJson } from '../report/json.ts';
import { openReport } from '../report/report-file.ts';
import { sectionText } from '../report/terminal.ts';
import { regionOf } from '../serverless-yml/region.ts';
import { UserError } from '../user-error.ts';
import { whole } from './options.ts';
import { ROOT } from './root.ts';
import { run, STATUS, withStatus } from './run.ts';

const rate = (value: string): number => {
  const number = Number(value);
  if (value.trim() !== '' && number >= 0.001 && number <= 100_000) return number;
  throw new InvalidArgumentError('It should be a number from 0.001 to 100000.');
};

type Given = Readonly<Record<string, string>>;

const parameter = (value: string, others: Given): Given => {
  const [, name, given] = /^(\w+)=([^]*)$/.exec(value) ?? [];
  if (name !== undefined && given !== undefined) return { ...others, [name]: given };
  throw new InvalidArgumentError('It should be name=value.');
};

interface Choices extends Wanted {
  readonly html?: string;
  readonly model: string;
  readonly textLength: number;
  readonly labelStore: LabelStoreName;
  readonly report?: string;
  readonly stage: string;
  readonly param: Given;
  readonly region?: string;
  readonly json?: boolean;
}

const MOST = 1e12;
const OPENING =
  '--records-per-second, --requests, --lines, --job-lines, --relabel-items, --forward or --models';

const program = new Command('npm run plan --')
  .description(
    'Prints settings that label the given number of records a second, and what they and the other doors cost.',
  )
  .option('--records-per-second <n>', 'items that are put or change their text, at the busiest', rate)
  .option('--model <name>', 'model, as name or name@version', 'banking77-tfidf')
  .option('--text-length <characters>', 'of a text, on average', whole(1, 100_000), 60)
  .addOption(new Option('--label-store <name>', 'where labels go').choices(LABEL_STORES).default('partiql'))
  .option(
    '--memory <MB>',
    'of the function, instead of one vCPU',
    whole(LAMBDA.memory.least, LAMBDA.memory.most),
  )
  .option('--requests <n>', 'predictions over HTTP, a month', whole(1, MOST))
  .option('--texts <n>', 'of each request', whole(1, 1_000), 1)
  .option('--lines <n>', 'of files in S3, a month', whole(1, MOST))
  .option('--objects <n>', 'files that these lines are in', whole(1, MOST), 1)
  .option('--job-lines <n>', 'lines that jobs on AWS Batch classify, a month', whole(1, MOST))
  .option('--relabel-items <n>', 'items of a table, to be labelled once', whole(1, MOST))
  .option('--item-bytes <n>', 'of such an item, instead of its text and 350', whole(1, 409_600))
  .option('--forward', 'what forwarding labels costs, by destination')
  .option('--models', 'what models in layers, S3, EFS and the image cost')
  .option(
    '--report <file>',
    'figures of "npm run bench -- --report FILE" instead of the table of measured ones',
  )
  .option('--stage <name>', 'whose parameters in serverless.yml turn doors on', 'dev')
  .option('--param <name=value>', 'as for a deployment; may be repeated', parameter, {})
  .option('--region <name>', "of the stage, instead of AWS_REGION or serverless.yml's")
  .option('--json', 'print the plan as JSON')
  .option('--html <file>', 'write the plan as a page, too');

/** Prices are of one region. */
const regionSections = (region: string): readonly Section[] =>
  region === PRICES.region
    ? []
    : [
        factsSection('region', 'Region', [
          [
            'region',
            `${region}: prices and quotas there may differ from those of ${PRICES.region}`,
          ] satisfies Fact,
        ]),
      ];

const main = async (choices: Choices): Promise<number> => {
  const save = await openReport({ html: choices.html }, 'npm run plan');
  const { model: named, report, textLength, labelStore } = choices;
  const isNamed = program.getOptionValueSource('model') === 'cli';
  const parameters = await stageParameters(ROOT, choices.stage, choices.param);
  const { model, measured } =
    report === undefined
      ? { model: named, measured: measuredModel(named) }
      : await readBenchReport(report, isNamed ? named : undefined);
  const doors = doorsOf({ wanted: choices, parameters, model, measured, textLength, labelStore });
  if (doors.length === 0)
    throw new UserError(`Say what the stage should do: ${OPENING}. --help lists all options.`);
  const sections = [
    ...doors.map(({ section }) => section),
    ...regionSections(await regionOf(ROOT, choices.region)),
  ];
  const values = Object.assign({}, ...doors.map((door) => door.values)) as object;
  console.log(
    choices.json ? reportJson(sections, { model, ...values }) : sections.map(sectionText).join('\n\n'),
  );
  await save({ sections });
  return STATUS.fine;
};

await run(program.action(withStatus(main)));
