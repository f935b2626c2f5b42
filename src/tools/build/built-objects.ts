import { join } from 'node:path';
import { must } from '../../errors.ts';
import { loadService } from '../serverless-yml/service.ts';
import { openBuildFolder } from './build-folder.ts';
import type { BuiltFunction } from './built-function.ts';
import { buildBundle } from './bundle.ts';

/**
 * The function `classifyObjects`, built for this machine beside the stream's function, whose layers and model it gets.
 *
 * @param root the project's folder
 * @param memoryMB instead of that of `serverless.yml`, which is more where the model needs it
 */
export const buildObjects = async (
  root: string,
  stream: BuiltFunction,
  memoryMB?: number,
): Promise<Pick<BuiltFunction, 'environment' | 'spec'>> => {
  const [service, { folder, handler }] = await Promise.all([
    loadService(root, 'local', { objects: 's3' }),
    buildBundle(root, join(await openBuildFolder(root), 'objects'), { functionName: 'classifyObjects' }),
  ]);
  const definition = must(service.functions.classifyObjects, 'classifyObjects in serverless.yml');
  const { MODEL, MODELS_DIR } = stream.environment;
  return {
    environment: {
      ...definition.environment,
      MODEL: must(MODEL, 'MODEL of the function'),
      MODELS_DIR: must(MODELS_DIR, 'MODELS_DIR of the function'),
    },
    spec: {
      ...stream.spec,
      name: definition.name,
      taskRoot: folder,
      handler,
      memoryMB: memoryMB ?? Math.max(definition.memoryMB, stream.spec.memoryMB),
      timeoutMs: definition.timeoutSeconds * 1000,
    },
  };
};
