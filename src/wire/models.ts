import type { Catalogue, ModelFault } from '../models/folder/model-folder.ts';
import { describeError, ModelError } from '../errors.ts';
import type { LoadOptions } from '../models/formats/format.ts';
import { loadModel } from '../models/formats/formats.ts';
import { firstModels } from '../models/catalogue/find-with-stages.ts';
import { type Changing, type ModelRegistry, modelRegistry } from '../models/catalogue/registry.ts';
import { directoryModels } from '../models/sources/directory.ts';
import { s3Models } from '../models/sources/s3.ts';
import { isInS3, modelsLocation } from '../models/sources/s3/layout.ts';
import type { ObjectStore } from '../pipeline/objects/object-store.ts';
import { BASE_MB, type Config, LEAST_MODEL_MB } from './config.ts';

/**
 * What a Lambda function has per vCPU, in MB.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
export const MB_PER_VCPU = 1_769;

/** The part of a function's memory that is left for models, in MB; with a minimum, so that two can be in use. */
const memoryForModels = (functionMB: number): number => Math.max(LEAST_MODEL_MB, functionMB - BASE_MB);

/** The settings of models. */
export type ModelSettings = Pick<
  Config,
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE' | 'MODEL' | 'MODEL_MEMORY_MB' | 'MODELS_DIR'
> &
  Partial<Pick<Config, 'MODELS_CACHE_DIR' | 'MODELS_DISK_MB' | 'MODELS_REFRESH_SECONDS' | 'UNKNOWN_MODEL'>>;

/** A version of a model that is used from now on, and the one before. */
export type ModelInUse = Parameters<NonNullable<Changing['onUse']>>[0];

export interface WireOptions {
  /** Receives every model folder that cannot be used; the others can. */
  readonly onFault?: (fault: Pick<ModelFault, 'id' | 'error'>) => void;
  /** Receives every change of a version, where models are in S3. */
  readonly onUse?: (change: ModelInUse) => void;
  /** How models are loaded, where it is not as the function loads them. */
  readonly load?: Pick<LoadOptions, 'threads' | 'serving'>;
  /** Where objects are, instead of S3. */
  readonly objects?: ObjectStore;
}

const DISK_MB = 400;
const CACHE_DIR = '/tmp/models';
const REFRESH_SECONDS = 60;

/**
 * The models of a door's directory; of those in S3 the default ones, which are looked for, but not fetched yet.
 *
 * @throws ModelError where there are none; TransientError where they cannot be looked for
 */
export const listModels = async (
  settings: ModelSettings,
  onFault?: WireOptions['onFault'],
  objects?: ObjectStore,
): Promise<Catalogue> => {
  if (isInS3(settings.MODELS_DIR)) return listFromS3(settings, objects);
  const catalogue = await directoryModels(settings.MODELS_DIR).list();
  for (const fault of catalogue.faults) onFault?.(fault);
  return catalogue;
};

const listFromS3 = async (
  { MODEL, MODELS_DIR, MODELS_CACHE_DIR = CACHE_DIR, MODELS_DISK_MB = DISK_MB }: ModelSettings,
  objects?: ObjectStore,
): Promise<Catalogue> => {
  // The client is loaded only here: in other functions it would take longer than all the rest of their init.
  const store = objects ?? (await import('./s3-objects.ts')).openS3Objects();
  const source = s3Models(store, modelsLocation(MODELS_DIR), {
    folder: MODELS_CACHE_DIR,
    maxBytes: MODELS_DISK_MB * 2 ** 20,
  });
  return firstModels(source, MODEL);
};

export interface OpenOptions extends LoadOptions, Pick<WireOptions, 'onFault' | 'onUse'> {
  /** Refuses models that the door cannot take, by an exception; where they are published while it is open. */
  readonly accept?: Changing['accept'];
}

/**
 * The registry of a door's models, which begins to load the default ones.
 *
 * @param options for loading; as many threads as the function has vCPUs, unless given
 * @throws ModelError where the default models are not found, cannot be used, or not together
 */
export const openModels = (
  settings: ModelSettings,
  { models, faults, changing, inUse }: Catalogue,
  { onFault, onUse, accept, ...options }: OpenOptions = {},
): ModelRegistry => {
  const memoryMB = settings.AWS_LAMBDA_FUNCTION_MEMORY_SIZE;
  const registry = modelRegistry(models, {
    faults,
    inUse,
    defaultModels: settings.MODEL,
    unknownModel: settings.UNKNOWN_MODEL,
    memoryMB: settings.MODEL_MEMORY_MB ?? memoryForModels(memoryMB),
    load: loadModel({ threads: Math.max(1, Math.round(memoryMB / MB_PER_VCPU)), ...options }),
    changing: changing && {
      source: changing,
      refreshMs: (settings.MODELS_REFRESH_SECONDS ?? REFRESH_SECONDS) * 1_000,
      isBeside: options.serving,
      onFault: ({ id, error }) =>
        onFault?.({ id, error: new ModelError(describeError(error), { cause: error }) }),
      onUse,
      accept,
    },
  });
  // A failed preload is reported by the first batch or request, which loads again.
  registry.preload().catch(() => undefined);
  return registry;
};
