import { join } from 'node:path';
import { must } from '../../errors.ts';
import { loadService } from '../serverless-yml/service.ts';
import { openBuildFolder } from './build-folder.ts';
import type { BuiltFunction } from './built-function.ts';
import { buildBundle } from './bundle.ts';

/**
 * The function `predict`, built for this machine beside the stream's function, whose layers, model and memory it gets.
 *
 * @param root the project's folder
 */
export const buildPredict = async (
  root: string,
  stream: BuiltFunction,
): Promise<Pick<BuiltFunction, 'environment' | 'spec'>> => {
  const [service, { folder, handler }] = await Promise.all([
    // The function is there in every mode but none.
    loadService(root, 'local', { http: 'public' }),
    buildBundle(root, join(await openBuildFolder(root), 'predict'), { functionName: 'predict' }),
  ]);
  const { name, timeoutSeconds, environment } = must(service.functions.predict, 'predict in serverless.yml');
  const { MODEL, MODELS_DIR } = stream.environment;
  return {
    environment: {
      ...environment,
      MODEL: must(MODEL, 'MODEL of the function'),
      MODELS_DIR: must(MODELS_DIR, 'MODELS_DIR of the function'),
    },
    spec: { ...stream.spec, name, taskRoot: folder, handler, timeoutMs: timeoutSeconds * 1000 },
  };
};
