import { join } from 'node:path';
import { leavesOf } from '../models/cascade.ts';
import { directoryModels } from '../models/directory-source.ts';
import { modelChoice } from '../models/model-choice.ts';
import { estimatedBytes } from '../models/model-size.ts';
import { BASE_MB } from '../wire.ts';
import { buildBundle } from './packaging/bundle.ts';
import { buildLayers } from './packaging/layers.ts';
import { loadService, type Service, type ServiceFunction } from './service.ts';

export interface FunctionChoices {
  /** `name` or `name@version`; as in `serverless.yml` unless given, like the others. */
  readonly model?: string | undefined;
  readonly store?: string | undefined;
  /** MB; more than in `serverless.yml` where the default models need it. */
  readonly memory?: number | undefined;
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

/** Builds bundle and layers, as they are deployed, into `.build`. @param root the project's folder */
export const buildFunction = async (root: string, choices: FunctionChoices = {}): Promise<BuiltFunction> => {
  const [service, bundle, layers] = await Promise.all([
    loadService(root),
    buildBundle(root, join(root, '.build', 'function')),
    buildLayers({ architecture: 'host', root }),
  ]);
  const definition = service.functions.classifyStream;
  if (definition === undefined) throw new Error('serverless.yml defines no function classifyStream');
  const environment = {
    ...definition.environment,
    MODELS_DIR: join(layers.opt, 'models'),
    ...(choices.model !== undefined && { MODEL: choices.model }),
    ...(choices.store !== undefined && { LABEL_STORE: choices.store }),
  };
  return {
    service,
    definition,
    environment,
    spec: {
      name: definition.name,
      taskRoot: bundle.folder,
      handler: bundle.handler,
      optDir: layers.opt,
      memoryMB: choices.memory ?? Math.max(definition.memoryMB, memoryFor(environment)),
      timeoutMs: definition.timeoutSeconds * 1000,
    },
  };
};

const MB_STEP = 64;

/** What a function needs for its default models, in MB. */
const memoryFor = ({ MODELS_DIR = '', MODEL = '' }: Readonly<Record<string, string>>): number => {
  const defaultModels = MODEL.split(',').map((name) => name.trim());
  const { defaults, find } = modelChoice(directoryModels(MODELS_DIR), { defaultModels });
  const models = new Map(defaults.flatMap((model) => leavesOf(model, find)).map((leaf) => [leaf.id, leaf]));
  const bytes = [...models.values()].reduce((total, model) => total + estimatedBytes(model), 0);
  return Math.ceil((BASE_MB + bytes / 2 ** 20) / MB_STEP) * MB_STEP;
};
