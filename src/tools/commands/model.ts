/** `npm run model`: which models a stage has and uses; checks, publishes, uses, takes back and verifies them. */
import { join } from 'node:path';
import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import { told, StageError } from '../stage/errors.ts';
import { mismatchText } from '../stage/models/examples.ts';
import { type ListedModel, listModels } from '../stage/models/list.ts';
import { publishModel } from '../stage/models/publish.ts';
import { rollBack } from '../stage/models/rollback.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { useModel } from '../stage/models/use.ts';
import { verifyStage } from '../stage/models/check-examples.ts';
import type { CheckOptions } from '../model-check/run.ts';
import { megabytes } from '../build/layer-size.ts';
import { UserError } from '../user-error.ts';
import { whole } from './options.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

interface Choices {
  readonly stage: string;
  readonly region?: string;
  /** Percent of the invocations. */
  readonly canary?: number;
  readonly verify: boolean;
}

/** Results go to standard output, everything else beside it. */
const say = (line: string): void => console.error(line);
const fraction = (value: string): number => {
  const share = Number(value);
  if (value.trim() !== '' && share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError('It should be a number from 0 to 1.');
};
const percent = (share: number): string => `${Math.round(share * 100)} %`;

const list = async (stage: Stage): Promise<number> => {
  const table = new Table({
    head: ['model', 'in models/', 'in layer version', 'in use'],
    style: { head: [], border: [] },
  });
  const inUse = ({ inUse: routes, isReachable }: ListedModel): string =>
    routes
      .map(
        ({ share, version, isCanary }) =>
          `${percent(share)}, version ${version}${isCanary ? ' (canary)' : ''}`,
      )
      .join(', ') || (isReachable ? 'by records that name it' : 'no');
  for (const model of await listModels(stage)) {
    table.push([model.id, model.isLocal ? 'yes' : 'no', model.layers.join(', ') || 'none', inUse(model)]);
  }
  console.log(table.toString());
  return 0;
};

const publish = async (stage: Stage, id: string): Promise<number> => {
  const { version, isNew, ids, bytes, examples, pruned } = await publishModel(stage, id);
  console.log(`${id}: ${examples} examples as expected here`);
  const layer = `version ${version} of the layer ${stage.names.layerName}`;
  console.log(`${isNew ? `published ${layer}, ${megabytes(bytes)}` : `${layer} has it already`}`);
  console.log(`it holds ${ids.join(', ')}`);
  if (pruned.length > 0) console.log(`deleted its versions ${pruned.join(', ')}, which nothing uses`);
  say(`Nothing uses it yet: npm run model -- use ${id} --stage ${stage.name} [--canary 10]`);
  return 0;
};

const use = async (stage: Stage, id: string, { canary, verify }: Choices): Promise<number> => {
  const options = { verify, ...(canary !== undefined && { canary: canary / 100 }) };
  const { kind, version, before, share, pruned } = await useModel(stage, id, options);
  if (kind === 'unchanged') console.log(`version ${version} has ${id} and is in use already`);
  else if (kind === 'all') console.log(`version ${version} with ${id} is in use, after version ${before}`);
  else {
    console.log(`version ${version} with ${id} gets ${percent(share)}, version ${before} the rest`);
    say(`Complete it: npm run model -- use ${id} --stage ${stage.name}`);
    say(`End it: npm run model -- rollback --stage ${stage.name}`);
  }
  if (pruned.length > 0) console.log(`deleted versions ${pruned.join(', ')}, which no rollback leads to`);
  return 0;
};

const rollback = async (stage: Stage): Promise<number> => {
  const { kind, version, model, left, leftModel } = await rollBack(stage);
  const end = kind === 'canary-ended' ? `the canary, version ${left} with ${leftModel}, was ended: ` : '';
  const back = kind === 'back' ? ` again, after version ${left} with ${leftModel}` : ' alone';
  console.log(`${end}version ${version} with ${model} is in use${back}`);
  return 0;
};

const verify = async (stage: Stage): Promise<number> => {
  let wrong = 0;
  for (const { id, version, share, examples, mismatches, ms } of await verifyStage(stage)) {
    wrong += mismatches.length;
    const part = share === 1 ? '' : `, ${percent(share)}`;
    if (mismatches.length > 0) {
      console.log(`version ${version}${part}: ${mismatchText(id, examples, mismatches)}`);
    } else {
      console.log(
        `version ${version}${part}: ${id}: ${examples.length} examples as expected, in ${Math.round(ms)} ms`,
      );
    }
  }
  return wrong === 0 ? 0 : 1;
};

const program = new Command('npm run model --').description(
  "A stage's models: on AWS, or where AWS_ENDPOINT_URL leads. Code is deployed by `serverless deploy`, models by this.",
);
let action: () => Promise<number> = async () => 2;
const command = (
  usage: string,
  description: string,
  work: (stage: Stage, id: string, choices: Choices) => Promise<number>,
): Command =>
  program
    .command(usage)
    .description(description)
    .option('--stage <name>', 'stage of the deployment', 'dev')
    .option('--region <name>', 'instead of that of serverless.yml')
    .action((...given: unknown[]) => {
      const [id, choices] = (given.length > 2 ? given : ['', ...given]) as [string, Choices];
      action = async () => {
        const stage = await openStage({ root: ROOT, ...choices });
        try {
          say(`${stage.place}: ${stage.names.functionName}`);
          return await work(stage, id, choices);
        } finally {
          stage.close();
        }
      };
    });

command('list', 'Models of the stage and of models/, and which of them is in use.', list);
command('publish <name@version>', 'Uploads the models of models/ after checking this one; no code.', publish);
command('use <name@version>', 'Has the stage use a model that was published or deployed.', use)
  .option('--canary <percent>', 'only for this part of the invocations, at first', whole(1, 99))
  .option('--no-verify', 'without asking the new version for its examples first');
command('rollback', 'Takes back the last use, or ends a canary.', rollback);
command('verify', "Asks the deployed function for its model's examples and compares.", verify);
const check = program
  .command('check [name]')
  .description('Tries a model of models/ (name or name@version), or all of them: here, without an account.')
  .option('--input <file>', 'texts to measure with (.csv, .tsv, .jsonl, .ndjson) instead of generated ones')
  .option('--text-column <name>', 'where the file has the text ("text")')
  .option(
    '--label-column <name>',
    'where it has the label that the text should get: then the accuracy is told',
  )
  .option('--min-accuracy <part>', 'exit status 1 where the accuracy is less, from 0 to 1', fraction)
  .action((name: string | undefined, options: CheckOptions) => {
    action = async () => {
      // Other commands do without ONNX Runtime.
      const { runCheck } = await import('../model-check/run.ts');
      return runCheck(ROOT, name, options);
    };
  });
// Status 1 says that examples or accuracy are not met.
check.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
program.parse();

try {
  process.exitCode = await action();
} catch (cause) {
  const error = told(cause, process.argv.slice(2).join(' '));
  console.error(error instanceof StageError || error instanceof UserError ? error.message : error);
  process.exitCode = 2;
}
