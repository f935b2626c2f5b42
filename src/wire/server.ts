import { existsSync } from 'node:fs';
import { batchingModels } from '../http/batching.ts';
import { watchCaller } from '../http/caller.ts';
import { type MetricFamily, serverMetrics } from '../http/metrics.ts';
import type { PredictParts, RequestReport } from '../http/predict-api.ts';
import { readServerConfig } from './config.ts';
import type { WireOptions } from './models.ts';
import { wirePredict } from './predict.ts';

/** The API's parts that a server has, and a function has not. */
export interface ServerParts extends PredictParts {
  readonly report: RequestReport;
  /** The metrics of this process. */
  readonly readMetrics: () => readonly MetricFamily[];
}

export interface WireServerOptions extends Pick<WireOptions, 'onFault' | 'onUse' | 'objects'> {
  /** The number of this process, where there are several. */
  readonly worker?: number;
}

/**
 * Where SageMaker puts a model.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
 */
const SAGEMAKER_MODELS = '/opt/ml/model';

/** The environment of the prediction API in a container: on SageMaker, with the models that it puts there. */
export const containerEnvironment = (env: NodeJS.ProcessEnv, folder = SAGEMAKER_MODELS): NodeJS.ProcessEnv =>
  (env.MODELS_DIR ?? '') === '' && existsSync(folder) ? { ...env, MODELS_DIR: folder } : env;

/**
 * Builds the parts of the server: those of the prediction API, with models whose concurrent requests share runs.
 *
 * @returns a promise that rejects with ModelError where the default models cannot be used
 * @throws ConfigError synchronously where the environment is at fault
 */
export const wireServer = (
  env: NodeJS.ProcessEnv,
  { worker, ...options }: WireServerOptions = {},
): Promise<ServerParts> => {
  const config = readServerConfig(env);
  const metrics = serverMetrics(worker === undefined ? {} : { worker });
  // One process more is one CPU more, for HTTP as well. A transformer takes milliseconds, in which this thread would
  // answer nobody; a classical model takes microseconds.
  const wired = wirePredict(containerEnvironment(env), {
    load: { threads: 1, serving: true },
    ...options,
  });
  return wired.then((parts) => {
    const models = batchingModels(parts.models, {
      runTexts: config.RUN_TEXTS,
      runMs: config.RUN_MS,
      waitMs: config.RUN_WAIT_MS,
      queueTexts: config.QUEUE_TEXTS,
      queueRequests: config.QUEUE_REQUESTS,
      onRun: metrics.run,
      watchCaller,
    });
    return { ...parts, models, report: metrics.request, readMetrics: () => metrics.read(models.waiting()) };
  });
};
