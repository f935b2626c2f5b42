/** `npm run model`: lists, checks, publishes, uses, rolls back and verifies the models of a stage. */
import { relative } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { isInS3 } from '../../models/sources/s3/layout.ts';
import { awsFault } from '../aws-fault.ts';
import type { ReferenceOptions } from '../model-check/reference.ts';
import type { CheckOptions } from '../model-check/run.ts';
import { openStageModels, type StageModels } from '../stage/models/stage-models.ts';
import { openModelsInS3 } from '../stage/models/s3/models-in-s3.ts';
import { openStage } from '../stage/stage.ts';
import { UserError } from '../user-error.ts';
import { listLayers, publishLayer, rollBackStage, useOfLayer, verify } from './model-in-layers.ts';
import type { PlaceInS3 } from './model-in-s3.ts';
import { whole } from './options.ts';
import { ROOT } from './root.ts';
import { run, STATUS, withStatus } from './run.ts';

interface Choices {
  readonly stage: string;
  readonly region?: string;
  /** `s3://bucket/prefix` */
  readonly models?: string;
}

interface Publish extends Choices, Omit<ReferenceOptions, 'input'> {
  readonly to?: string;
  /** A file of texts. */
  readonly reference?: string;
}

interface Listing extends Choices {
  readonly json?: boolean;
}

interface Use extends Choices {
  /** Percent of the invocations. */
  readonly canary?: number;
  readonly verify: boolean;
}

interface Prune extends Choices {
  readonly dryRun?: boolean;
}

/** Imported when it is needed: other commands do not need ONNX Runtime. */
const s3 = () => import('./model-in-s3.ts');

const named = (name: string | undefined): string => {
  if (name !== undefined && name !== '') return name;
  throw new UserError('Name the model whose version should be taken back: rollback NAME.');
};

/** Results go to standard output, all other messages to standard error. */
const log = (line: string): void => console.error(line);
const fraction = (value: string): number => {
  const share = Number(value);
  if (value.trim() !== '' && share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError('It should be a number from 0 to 1.');
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

/** A command that also works on models in S3. */
const modelCommand = (usage: string, description: string): Command =>
  stageCommand(usage, description).option(
    '--models <s3://bucket/prefix>',
    "models in S3, instead of a stage's",
  );

const referenceOptions = (command: Command): Command =>
  command
    .option('--text-column <name>', 'the column with the text ("text")')
    .option(
      '--question-column <name>',
      'for a model that answers questions: the column with them ("question")',
    )
    .option('--context-column <name>', 'the column with the texts that they are about ("context")')
    .option('--below <score>', 'from 0 to 1: an answer below it is of low confidence (0.5)', fraction);

const record = async (name: string, options: ReferenceOptions): Promise<void> => {
  const { recordReference } = await import('../model-check/reference.ts');
  const { id, file, reference } = await recordReference(ROOT, name, options);
  const { texts, confidence, labels } = reference;
  const scores =
    confidence === undefined
      ? ', no scores from 0 to 1'
      : `, mean score ${confidence.mean}, ${confidence.share} below ${confidence.below}`;
  const kinds = labels === undefined ? '' : `, ${Object.keys(labels).length} labels`;
  console.log(`${id}: ${texts} texts${kinds}${scores}; in ` + relative(process.cwd(), file));
};

interface Work {
  /** Where models are in layers. */
  readonly layers: (stage: StageModels) => Promise<number>;
  /** Where they are in S3. @param model that the stage's records get */
  readonly s3: (place: PlaceInS3, model?: string) => Promise<number>;
}

/** @param inS3 whether the stage's models have to be in S3 */
const onModels = async (choices: Choices, work: Work, inS3 = false): Promise<number> => {
  const { models } = choices;
  if (models === undefined)
    return onStage(choices, async (stage) => {
      const { variables, model } = stage.live.main;
      const directory = variables.MODELS_DIR ?? '';
      if (!inS3 && !isInS3(directory)) return work.layers(stage);
      const place = { models: openModelsInS3(stage, directory), option: `--stage ${stage.name}` };
      log(place.models.url);
      return work.s3(place, model);
    });
  const stage = await openStage({ root: ROOT, ...choices });
  try {
    return await work.s3({ models: openModelsInS3(stage, models), option: `--models ${models}` });
  } finally {
    stage.close();
  }
};

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

modelCommand('list', 'Models of the stage and of models/, and which of them is in use.')
  .option('--json', 'the same as JSON')
  .action(
    withStatus((choices: Listing) =>
      onModels(choices, {
        layers: (stage) => listLayers(stage, choices.json ?? false),
        s3: async (place) => (await s3()).listInS3(place, choices.json ?? false),
      }),
    ),
  );
referenceOptions(
  modelCommand('publish <name@version>', 'Uploads the models of models/ after checking this one; no code.')
    .addOption(new Option('--to <place>', 'where they should go').choices(['layer', 's3']))
    .option('--reference <file>', 'texts like those to come, for its reference: see the command reference'),
).action(
  withStatus(async (id: string, { reference, ...choices }: Publish) => {
    if (reference !== undefined) await record(id, { ...choices, input: reference });
    return onModels(
      choices,
      {
        layers: (stage) => publishLayer(stage, id),
        s3: async (place) => {
          if (choices.to === 'layer') throw new UserError(`The models are in ${place.models.url}, in S3.`);
          return (await s3()).publishInS3(place, id);
        },
      },
      choices.to === 's3',
    );
  }),
);
modelCommand('use <name@version>', 'Switches the stage to a model that was published or deployed.')
  .option('--canary <percent>', 'for this percentage of the invocations only, at first', whole(1, 99))
  .option('--no-verify', 'without checking the examples on the new version first')
  .action(
    withStatus((id: string, choices: Use) =>
      onModels(choices, {
        layers: (stage) => useOfLayer(stage, id, choices),
        s3: async (place) => (await s3()).useOfS3(place, id, choices),
      }),
    ),
  );
modelCommand('rollback [name]', 'Reverts the last use, or ends a canary. In S3: of this model.').action(
  withStatus((name: string | undefined, choices: Choices) =>
    onModels(choices, {
      layers: rollBackStage,
      s3: async (place, model) => {
        const { rollbackInS3, nameOfStage } = await s3();
        return rollbackInS3(place, name ?? named(model && nameOfStage(model)));
      },
    }),
  ),
);
modelCommand('prune <name>', 'Deletes versions in S3 that are older than any rollback goes back to.')
  .option('--dry-run', 'only lists them')
  .action(
    withStatus((name: string, choices: Prune) =>
      onModels(
        choices,
        {
          // Not asked: what is deleted of a layer, `publish` and `use` delete.
          layers: () => Promise.resolve(STATUS.fine),
          s3: async (place) => (await s3()).pruneOfS3(place, name, choices.dryRun ?? false),
        },
        true,
      ),
    ),
  );
stageCommand(
  'verify',
  "Sends its model's examples to the deployed function and compares the answers.",
).action(withStatus((choices: Choices) => onStage(choices, verify)));
referenceOptions(
  program
    .command('reference <name>')
    .description(
      'Has a model of models/ answer typical texts, and writes into its model.json how confident it is and which labels ' +
        'it gives: what the metrics of drift compare with.',
    )
    .requiredOption('--input <file>', 'the texts: .csv, .tsv, .jsonl or .ndjson, some thousands'),
).action(
  withStatus(async (name: string, options: ReferenceOptions) => {
    await record(name, options);
    return STATUS.fine;
  }),
);
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
