/** `npm run model`: lists, checks, publishes, uses, rolls back and verifies the models of a stage. */
import { Command, InvalidArgumentError } from 'commander';
import { awsFault } from '../aws-fault.ts';
import { megabytes } from '../build/layer-size.ts';
import type { CheckOptions } from '../model-check/run.ts';
import { reportJson } from '../report/json.ts';
import { figuresText } from '../report/terminal.ts';
import { verifyStage } from '../stage/models/check-examples.ts';
import { mismatchText } from '../stage/models/examples.ts';
import { readVersion } from '../stage/live.ts';
import { listModels, modelsSection } from '../stage/models/list.ts';
import { publishModel } from '../stage/models/publish.ts';
import { rollBack } from '../stage/models/rollback.ts';
import { openStageModels, type StageModels } from '../stage/models/stage-models.ts';
import { useModel } from '../stage/models/use.ts';
import { whole } from './options.ts';
import { ROOT } from './root.ts';
import { run, STATUS, withStatus } from './run.ts';

interface Choices {
  readonly stage: string;
  readonly region?: string;
}

interface Listing extends Choices {
  readonly json?: boolean;
}

interface Use extends Choices {
  /** Percent of the invocations. */
  readonly canary?: number;
  readonly verify: boolean;
}

/** Results go to standard output, all other messages to standard error. */
const log = (line: string): void => console.error(line);
const fraction = (value: string): number => {
  const share = Number(value);
  if (value.trim() !== '' && share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError('It should be a number from 0 to 1.');
};
const percent = (share: number): string => `${Math.round(share * 100)} %`;

const list = async (stage: StageModels, { json }: Listing): Promise<number> => {
  const section = modelsSection(await listModels(stage));
  console.log(json ? reportJson([section]) : figuresText(section));
  return STATUS.fine;
};

const publish = async (stage: StageModels, id: string): Promise<number> => {
  const { version, isNew, ids, bytes, examples, pruned } = await publishModel(stage, id);
  console.log(`${id}: ${examples} examples as expected here`);
  const layer = `version ${version} of the layer ${stage.names.layerName}`;
  console.log(`${isNew ? `published ${layer}, ${megabytes(bytes)}` : `${layer} has it already`}`);
  console.log(`it holds ${ids.join(', ')}`);
  if (pruned.length > 0) console.log(`deleted its versions ${pruned.join(', ')}, which nothing uses`);
  log(`Nothing uses it yet: npm run model -- use ${id} --stage ${stage.name} [--canary 10]`);
  return STATUS.fine;
};

const use = async (stage: StageModels, id: string, { canary, verify }: Use): Promise<number> => {
  const options = { verify, ...(canary !== undefined && { canary: canary / 100 }) };
  const { kind, version, before, share, pruned } = await useModel(stage, id, options);
  if (kind === 'unchanged') console.log(`version ${version} has ${id} and is in use already`);
  else if (kind === 'all') console.log(`version ${version} with ${id} is in use, after version ${before}`);
  else {
    console.log(`version ${version} with ${id} gets ${percent(share)}, version ${before} the rest`);
    log(`Complete it: npm run model -- use ${id} --stage ${stage.name}`);
    log(`End it: npm run model -- rollback --stage ${stage.name}`);
  }
  if (pruned.length > 0) console.log(`deleted versions ${pruned.join(', ')}, which no rollback needs`);
  // Who may not look at that function has nothing to deploy.
  const predict = await readVersion(stage.lambda, stage.names.predictName).catch(() => undefined);
  if (kind !== 'canary' && predict !== undefined && predict.model !== id)
    log(`Requests over HTTP get it with the next deployment: npx serverless deploy --stage ${stage.name}`);
  return STATUS.fine;
};

const rollback = async (stage: StageModels): Promise<number> => {
  const { kind, version, model, left, leftModel } = await rollBack(stage);
  const end = kind === 'canary-ended' ? `the canary, version ${left} with ${leftModel}, was ended: ` : '';
  const back = kind === 'back' ? ` again, after version ${left} with ${leftModel}` : ' alone';
  console.log(`${end}version ${version} with ${model} is in use${back}`);
  return STATUS.fine;
};

const verify = async (stage: StageModels): Promise<number> => {
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
  return wrong === 0 ? STATUS.fine : STATUS.broken;
};

const program = new Command('npm run model --').description(
  "A stage's models: on AWS, or at AWS_ENDPOINT_URL. Code is deployed by `serverless deploy`, models by this.",
);

/** A command that works on a stage's models. */
const stageCommand = (usage: string, description: string): Command =>
  program
    .command(usage)
    .description(description)
    .option('--stage <name>', 'stage of the deployment', 'dev')
    .option('--region <name>', "instead of AWS_REGION or serverless.yml's");

const onStage = async (choices: Choices, work: (stage: StageModels) => Promise<number>): Promise<number> => {
  const stage = await openStageModels({ root: ROOT, ...choices });
  try {
    log(`${stage.place}: ${stage.names.functionName}`);
    return await work(stage);
  } catch (cause) {
    throw awsFault(cause, process.argv.slice(2).join(' '));
  } finally {
    stage.close();
  }
};

stageCommand('list', 'Models of the stage and of models/, and which of them is in use.')
  .option('--json', 'the same as JSON')
  .action(withStatus((choices: Listing) => onStage(choices, (stage) => list(stage, choices))));
stageCommand(
  'publish <name@version>',
  'Uploads the models of models/ after checking this one; no code.',
).action(withStatus((id: string, choices: Choices) => onStage(choices, (stage) => publish(stage, id))));
stageCommand('use <name@version>', 'Switches the stage to a model that was published or deployed.')
  .option('--canary <percent>', 'for this percentage of the invocations only, at first', whole(1, 99))
  .option('--no-verify', 'without checking the examples on the new version first')
  .action(withStatus((id: string, choices: Use) => onStage(choices, (stage) => use(stage, id, choices))));
stageCommand('rollback', 'Reverts the last use, or ends a canary.').action(
  withStatus((choices: Choices) => onStage(choices, rollback)),
);
stageCommand(
  'verify',
  "Sends its model's examples to the deployed function and compares the answers.",
).action(withStatus((choices: Choices) => onStage(choices, verify)));
program
  .command('check [name]')
  .description('Tries a model of models/ (name or name@version), or all of them: here, without an account.')
  .option('--input <file>', 'texts to measure with (.csv, .tsv, .jsonl, .ndjson) instead of generated ones')
  .option('--text-column <name>', 'the column with the text ("text")')
  .option('--label-column <name>', 'the column with the expected label; the accuracy is then reported')
  .option('--json', 'the same as JSON')
  .option('--min-accuracy <part>', 'exit status 1 where the accuracy is less, from 0 to 1', fraction)
  .option('--no-speed', 'without measuring the speed, which takes two seconds for each model')
  .action(
    withStatus(async (name: string | undefined, options: CheckOptions) => {
      // Imported here because other commands do not need ONNX Runtime.
      const { runCheck } = await import('../model-check/run.ts');
      return runCheck(ROOT, name, options);
    }),
  );

await run(program);
