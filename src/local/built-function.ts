import { join } from 'node:path';
import { buildBundle } from './packaging/bundle.ts';
import { buildLayers } from './packaging/layers.ts';
import { loadService, type Service, type ServiceFunction } from './service.ts';

export interface FunctionChoices {
  /** `name` or `name@version`; as in `serverless.yml` unless given, like the others. */
  readonly model?: string | undefined;
  readonly store?: string | undefined;
  /** MB */
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
  return {
    service,
    definition,
    environment: {
      ...definition.environment,
      MODELS_DIR: join(layers.opt, 'models'),
      ...(choices.model !== undefined && { MODEL: choices.model }),
      ...(choices.store !== undefined && { LABEL_STORE: choices.store }),
    },
    spec: {
      name: definition.name,
      taskRoot: bundle.folder,
      handler: bundle.handler,
      optDir: layers.opt,
      memoryMB: choices.memory ?? definition.memoryMB,
      timeoutMs: definition.timeoutSeconds * 1000,
    },
  };
};
