import { join } from 'node:path';
import { buildBundle } from '../../src/tools/build/bundle.ts';
import { buildSoundLayers } from '../../src/tools/build/layers.ts';
import { createLambdaFunction, type LambdaFunction } from '../../src/tools/emulators/lambda/function.ts';
import { loadService } from '../../src/tools/serverless-yml/service.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * The function of the prediction API, built as it is deployed, in one Lambda environment.
 *
 * @param environment further variables
 * @param onLog receives each line of its log
 */
export const startPredictFunction = async (
  environment: Readonly<Record<string, string>>,
  onLog?: (line: string) => void,
): Promise<LambdaFunction> => {
  const [service, bundle, { opt }] = await Promise.all([
    loadService(ROOT, 'local', { http: 'public' }),
    buildBundle(ROOT, join(ROOT, '.build', 'predict'), { functionName: 'predict' }),
    buildSoundLayers({ architecture: 'host', root: ROOT }),
  ]);
  const definition = service.functions.predict;
  if (definition === undefined) throw new Error('serverless.yml defines no function predict');
  return createLambdaFunction({
    name: definition.name,
    taskRoot: bundle.folder,
    handler: bundle.handler,
    optDir: opt,
    memoryMB: 1_769,
    timeoutMs: definition.timeoutSeconds * 1_000,
    maxEnvironments: 1,
    environment: { ...definition.environment, MODELS_DIR: join(opt, 'models'), ...environment },
    onLog,
  });
};
