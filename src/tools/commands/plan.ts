/** `npm run plan`: settings for a required rate, and what they cost a month. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { HOURS_PER_MONTH, PRICES } from '../costs/prices.ts';
import { measuredModel, readBenchReport } from '../costs/bench-report.ts';
import { LAMBDA, type Plan, planFor } from '../costs/plan.ts';
import { LABEL_STORES, type LabelStoreName } from '../../stores/label-stores.ts';
import { type Fact, factsSection, type Section } from '../report/section.ts';
import { reportJson } from '../report/json.ts';
import { figuresText } from '../report/terminal.ts';
import { regionOf } from '../serverless-yml/region.ts';
import { whole } from './options.ts';
import { ROOT } from './root.ts';
import { run, STATUS, withStatus } from './run.ts';

const rate = (value: string): number => {
  const number = Number(value);
  if (value.trim() !== '' && number >= 0.001 && number <= 100_000) return number;
  throw new InvalidArgumentError('It should be a number from 0.001 to 100000.');
};

interface Choices {
  readonly recordsPerSecond: number;
  readonly model: string;
  readonly textLength: number;
  readonly labelStore: LabelStoreName;
  readonly memory?: number;
  readonly report?: string;
  readonly region?: string;
  readonly json?: boolean;
}

const program = new Command('npm run plan --')
  .description('Prints settings that label the given number of records a second, and what they cost a month.')
  .requiredOption('--records-per-second <n>', 'items that are put or change their text, at the busiest', rate)
  .option('--model <name>', 'model, as name or name@version', 'banking77-tfidf')
  .option('--text-length <characters>', 'of a text, on average', whole(1, 100_000), 60)
  .addOption(new Option('--label-store <name>', 'where labels go').choices(LABEL_STORES).default('partiql'))
  .option(
    '--memory <MB>',
    'of the function, instead of one vCPU',
    whole(LAMBDA.memory.least, LAMBDA.memory.most),
  )
  .option(
    '--report <file>',
    'figures of "npm run bench -- --report FILE" instead of the table of measured ones',
  )
  .option('--region <name>', "of the stage, instead of AWS_REGION or serverless.yml's")
  .option('--json', 'print the plan as JSON');

const count = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 });
const dollars = (amount: number): string =>
  `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

/** Prices are of one region. */
const regionNote = (region: string): readonly Fact[] =>
  region === PRICES.region
    ? []
    : [['region', `${region}: prices and quotas there may differ from those of ${PRICES.region}`]];

const planSection = (
  model: string,
  wanted: number,
  { settings, month, ...plan }: Plan,
  priced: readonly Fact[],
): Section => {
  const { streamMode, shards, ...others } = settings;
  const parameters = { model, ...others, streamMode, ...(streamMode === 'PROVISIONED' && { shards }) };
  return factsSection('plan', `A plan for ${count(wanted)} records a second`, [
    ['records a second', `${count(wanted)} wanted, ${count(plan.capacity)} with these settings`],
    ...Object.entries(parameters).map(([name, value]) => [name, String(value)] as const),
    ...(streamMode === 'ON_DEMAND'
      ? [['open shards', `${shards}; an on-demand stream sees to them`] as const]
      : []),
    ['concurrency', `${count(plan.concurrency)} environments at most: reserve as many`],
    ['label writes', `${count(plan.writeUnits)} write units a second`],
    [
      `a month (${HOURS_PER_MONTH} h)`,
      `${dollars(month.total)} at ${PRICES.region}'s prices of ${PRICES.asOf}, if the rate never falls`,
    ],
    ...priced,
    [
      'of it',
      [
        `Lambda ${dollars(month.lambda)}`,
        `label writes ${dollars(month.dynamodbWrites)}`,
        `change capture ${dollars(month.changeCapture)}`,
        `Kinesis ${dollars(month.kinesis)}`,
      ].join('\n'),
    ],
    ...(plan.quotas.length === 0 ? [] : [['quotas to raise', plan.quotas.join('\n')] as const]),
    [
      'deploy',
      `npx serverless deploy \\\n${Object.entries(parameters)
        .map(([name, value]) => `  --param="${name}=${value}"`)
        .join(' \\\n')}`,
    ],
  ]);
};

const main = async ({
  recordsPerSecond,
  model,
  textLength,
  labelStore,
  memory,
  report,
  region,
  json,
}: Choices): Promise<number> => {
  const isNamed = program.getOptionValueSource('model') === 'cli';
  const figures =
    report === undefined
      ? { model, measured: measuredModel(model) }
      : await readBenchReport(report, isNamed ? model : undefined);
  const plan = planFor({ recordsPerSecond, measured: figures.measured, textLength, labelStore, memory });
  const priced = regionNote(await regionOf(ROOT, region));
  const sections = [planSection(figures.model, recordsPerSecond, plan, priced)];
  console.log(
    json ? reportJson(sections, { model: figures.model, ...plan }) : sections.map(figuresText).join('\n\n'),
  );
  return STATUS.fine;
};

await run(program.action(withStatus(main)));
