import { must } from '../errors.ts';
import { modelRegistry } from '../models/catalogue/registry.ts';
import { formats } from '../pipeline/objects/formats/formats.ts';
import { manifestName } from '../pipeline/objects/names.ts';
import { objectRuns, type ObjectRuns } from '../pipeline/objects/object-runs.ts';
import type { ObjectName, ObjectStore } from '../pipeline/objects/object-store.ts';
import type { ObjectParts, OutputSettings } from '../pipeline/objects/run.ts';
import { byBucket } from '../stores/objects/by-bucket.ts';
import { folderObjects } from '../stores/objects/folder.ts';
import { createFolder, isFolderBucket, parsePlace, type Place } from '../stores/objects/place.ts';
import type { Models } from '../tasks/model.ts';
import { type JobConfig, readJobConfig } from './jobs-config.ts';
import { runSettings } from './run-settings.ts';
import { openS3Objects } from './s3-objects.ts';
import { listModels, MB_PER_VCPU, openModels, type WireOptions } from './models.ts';

/** For the models of a process, where nothing is set: the default models stay in any case. */
const MODEL_MEMORY_MB = 1_500;

/** What a job is made of, in each of its processes. */
export interface JobParts {
  readonly config: JobConfig;
  readonly store: ObjectStore;
  readonly models: Models;
  readonly runs: JobRuns;
  readonly output: OutputSettings;
  /** What it works on: all below a prefix, or what a list names. */
  readonly input: { readonly below: Place } | { readonly list: ObjectName };
  /** Whether a key is that of a file of records. */
  readonly isKnown: (key: string) => boolean;
}

/** Without `refuse`: a job takes objects of any size. */
export type JobRuns = Omit<ObjectRuns, 'refuse'>;

export interface WireJobOptions extends Pick<WireOptions, 'onFault'> {
  /** Whether models are loaded, or only known by their names. */
  readonly loadsModels: boolean;
}

/**
 * Builds the adapters of a job from the environment.
 *
 * @throws ConfigError, ModelError
 */
export const wireJob = async (
  env: NodeJS.ProcessEnv,
  { onFault, loadsModels }: WireJobOptions,
): Promise<JobParts> => {
  const config = readJobConfig(env);
  const modelSettings = {
    ...config,
    MODEL_MEMORY_MB: config.MODEL_MEMORY_MB ?? MODEL_MEMORY_MB,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: MB_PER_VCPU,
  };
  const catalogue = await listModels(modelSettings, onFault);
  const models: Models = loadsModels
    ? // A process for each CPU: more threads would only wait for each other.
      openModels(modelSettings, catalogue, { threads: 1, ...(onFault !== undefined && { onFault }) })
    : modelRegistry(catalogue.models, {
        faults: catalogue.faults,
        inUse: catalogue.inUse,
        defaultModels: config.MODEL,
        unknownModel: config.UNKNOWN_MODEL,
      });
  const below = config.INPUT === undefined ? undefined : await parsePlace(config.INPUT);
  const folders = [below?.bucket ?? '', config.OUTPUT_BUCKET].filter(isFolderBucket);
  await createFolder(config.OUTPUT_BUCKET);
  const store = storeOf(env, folders);
  const settings = runSettings({ ...config, ...modelSettings }, config.NAMING);
  return {
    config,
    store,
    models,
    runs: runsOf({ store, models, settings, now: Date.now }),
    output: settings.output,
    input:
      below === undefined ? { list: await parsePlace(must(config.INPUT_LIST, 'INPUT_LIST')) } : { below },
    isKnown: (key) => config.OBJECT_FORMAT !== undefined || formats.some(({ isNamed }) => isNamed(key)),
  };
};

const storeOf = (env: NodeJS.ProcessEnv, folders: readonly string[]): ObjectStore => {
  const files = folderObjects(Object.fromEntries(folders.map((folder) => [folder, folder])));
  let s3: ObjectStore | undefined;
  return byBucket((bucket) => (isFolderBucket(bucket) ? files : (s3 ??= openS3Objects(env))));
};

const runsOf = (parts: ObjectParts): JobRuns => {
  const runs = objectRuns(parts);
  return {
    ...runs,
    finished: async (run) => {
      const manifest = await runs.finished(run);
      if (manifest?.error?.code !== 'object-too-large') return manifest;
      // The function has refused it because of its size, which is what jobs are for.
      const { bucket, key } = manifestName(run, parts.settings.output);
      await parts.store.delete(bucket, [key]);
      return undefined;
    },
  };
};
