import type { Catalogue, ModelFault } from '../models/folder/model-folder.ts';
import type { LoadOptions } from '../models/formats/format.ts';
import { loadModel } from '../models/formats/formats.ts';
import { type ModelRegistry, modelRegistry } from '../models/catalogue/registry.ts';
import { directoryModels } from '../models/sources/directory.ts';
import type { Config } from './config.ts';

/**
 * What a Lambda function has per vCPU, in MB.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
export const MB_PER_VCPU = 1_769;

/** Memory of the function without its models, measured: Node.js, ONNX Runtime, the SDK, a batch of 1,000, a load. */
export const BASE_MB = 170;

/** The part of a function's memory that is left for models, in MB; with a minimum, so that two can be in use. */
const memoryForModels = (functionMB: number): number => Math.max(16, functionMB - BASE_MB);

/** The settings of models. */
export type ModelSettings = Pick<
  Config,
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE' | 'MODEL' | 'MODEL_MEMORY_MB' | 'MODELS_DIR'
> &
  Partial<Pick<Config, 'UNKNOWN_MODEL'>>;

export interface WireOptions {
  /** Receives every model folder that cannot be used; the others can. */
  readonly onFault?: (fault: ModelFault) => void;
  /** How models are loaded, where it is not as the function loads them. */
  readonly load?: Pick<LoadOptions, 'threads' | 'serving'>;
}

/** The models of a door's directory. @throws ModelError where there are none */
export const listModels = async (
  { MODELS_DIR }: ModelSettings,
  onFault?: WireOptions['onFault'],
): Promise<Catalogue> => {
  const catalogue = await directoryModels(MODELS_DIR).list();
  for (const fault of catalogue.faults) onFault?.(fault);
  return catalogue;
};

/**
 * The registry of a door's models, which begins to load the default ones.
 *
 * @param options for loading; as many threads as the function has vCPUs, unless given
 * @throws ModelError where the default models are not found, cannot be used, or not together
 */
export const openModels = (
  settings: ModelSettings,
  { models, faults }: Catalogue,
  options: LoadOptions = {},
): ModelRegistry => {
  const memoryMB = settings.AWS_LAMBDA_FUNCTION_MEMORY_SIZE;
  const registry = modelRegistry(models, {
    faults,
    defaultModels: settings.MODEL,
    unknownModel: settings.UNKNOWN_MODEL,
    memoryMB: settings.MODEL_MEMORY_MB ?? memoryForModels(memoryMB),
    load: loadModel({ threads: Math.max(1, Math.round(memoryMB / MB_PER_VCPU)), ...options }),
  });
  // A failed preload is reported by the first batch or request, which loads again.
  registry.preload().catch(() => undefined);
  return registry;
};
