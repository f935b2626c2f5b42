import { join } from 'node:path';
import { leavesOf } from '../../models/formats/cascade.ts';
import { directoryModels } from '../../models/sources/directory.ts';
import type { ModelFault } from '../../models/folder/model-folder.ts';
import type { KnownModel } from '../../models/loaded-model.ts';
import { modelChoice } from '../../models/catalogue/choose-models.ts';
import { estimatedBytes } from '../../models/catalogue/model-size.ts';
import { BASE_MB } from '../../wire/config.ts';
import { openBuildFolder } from './build-folder.ts';
import { checkEnvironment } from './environment-check.ts';
import { buildBundle } from './bundle.ts';
import { buildSoundLayers } from './layers.ts';
import { leftOut, refuseFaults } from './model-faults.ts';
import { tryModels } from './try-models.ts';
import {
  loadService,
  type Parameters,
  type Service,
  type ServiceFunction,
} from '../serverless-yml/service.ts';
import { must } from '../../errors.ts';

export interface FunctionChoices {
  /** Parameters of `serverless.yml`. */
  readonly parameters?: Parameters | undefined;
  /** `name` or `name@version`; as in `serverless.yml` unless given, like the others. */
  readonly model?: string | undefined;
  readonly store?: string | undefined;
  /** MB; more than in `serverless.yml` where the default models need it. */
  readonly memory?: number | undefined;
  /** Receives models that cannot be used and are not default models. */
  readonly onWarning?: ((line: string) => void) | undefined;
}

/** The function `classifyStream`, built for this machine. */
export interface BuiltFunction {
  readonly service: Service;
  readonly definition: ServiceFunction;
  /** Its environment, with the models of the layer built here. */
  readonly environment: Readonly<Record<string, string>>;
  /** What an execution environment of it is made of. */
  readonly spec: {
    readonly name: string;
    readonly taskRoot: string;
    readonly handler: string;
    readonly optDir: string;
    readonly memoryMB: number;
    readonly timeoutMs: number;
  };
}

/**
 * Builds bundle and layers, as they are deployed, into `.build`, and runs the default models on a text.
 *
 * @param root the project's folder
 * @throws UserError where `.build` cannot be written; ConfigError as the function does when it starts; ModelError with
 *   the cause where a default model, or a stage of it, cannot be used
 */
export const buildFunction = async (root: string, choices: FunctionChoices = {}): Promise<BuiltFunction> => {
  const folder = await openBuildFolder(root);
  const [service, bundle, { faults, ...layers }] = await Promise.all([
    loadService(root, 'local', choices.parameters),
    buildBundle(root, join(folder, 'function')),
    buildSoundLayers({ architecture: 'host', root }),
  ]);
  const definition = service.functions.classifyStream;
  if (definition === undefined) throw new Error('serverless.yml defines no function classifyStream');
  const environment = {
    ...definition.environment,
    MODELS_DIR: join(layers.opt, 'models'),
    // What runs on this machine sends nothing to the destination of a stage.
    FORWARD_TO: '',
    ...(choices.model !== undefined && { MODEL: choices.model }),
    ...(choices.store !== undefined && { LABEL_STORE: choices.store }),
  };
  await checkEnvironment(environment, environment.MODELS_DIR);
  const used = await defaultModels(environment, faults);
  const { onWarning = console.error } = choices;
  if (faults.length > 0) onWarning(leftOut(faults));
  refuseFaults(
    await tryModels(
      layers,
      root,
      used.map(({ id }) => id),
    ),
  );
  return {
    service,
    definition,
    environment,
    spec: {
      name: definition.name,
      taskRoot: bundle.folder,
      handler: bundle.handler,
      optDir: layers.opt,
      memoryMB: choices.memory ?? Math.max(definition.memoryMB, memoryFor(used)),
      timeoutMs: definition.timeoutSeconds * 1000,
    },
  };
};

const MB_STEP = 64;

/** The default models of a function, or their stages. @throws ModelError where one cannot be used */
const defaultModels = async (
  { MODELS_DIR, MODEL }: Readonly<Record<string, string>>,
  faults: readonly ModelFault[],
): Promise<readonly KnownModel[]> => {
  const { models } = await directoryModels(must(MODELS_DIR, 'MODELS_DIR of the function')).list();
  const { defaults, find } = modelChoice(models, {
    defaultModels: must(MODEL, 'MODEL of the function')
      .split(',')
      .map((name) => name.trim()),
    faults,
  });
  const leaves = defaults.flatMap((model) => leavesOf(model, find));
  return [...new Map(leaves.map((leaf) => [leaf.id, leaf])).values()];
};

/** The memory that a function needs for its models, in MB. */
export const memoryFor = (models: readonly KnownModel[]): number => {
  const bytes = models.reduce((total, model) => total + estimatedBytes(model), 0);
  return Math.ceil((BASE_MB + bytes / 2 ** 20) / MB_STEP) * MB_STEP;
};
