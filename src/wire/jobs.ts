import { must } from '../errors.ts';
import { modelRegistry } from '../models/catalogue/registry.ts';
import { formats } from '../pipeline/objects/formats/formats.ts';
import { manifestName } from '../pipeline/objects/names.ts';
import { objectRuns, type ObjectRuns } from '../pipeline/objects/object-runs.ts';
import type { ObjectName, ObjectStore } from '../pipeline/objects/object-store.ts';
import type { ObjectParts, ObjectSettings, OutputSettings } from '../pipeline/objects/run.ts';
import { createFolder, parsePlace, type Place } from '../stores/objects/place.ts';
import type { Models } from '../tasks/model.ts';
import { type JobConfig, readJobConfig } from './jobs-config.ts';
import { runSettings } from './run-settings.ts';
import { jobModelSettings, openJobModels } from './job-models.ts';
import { listModels } from './models.ts';
import { openPlaces } from './place-objects.ts';

/** What a job is made of, in each of its processes. */
export interface JobParts {
  readonly config: JobConfig;
  readonly store: ObjectStore;
  readonly models: Models;
  readonly runs: JobRuns;
  readonly output: OutputSettings;
  readonly settings: ObjectSettings;
  /** What it works on: all below a prefix, or what a list names. */
  readonly input: { readonly below: Place } | { readonly list: ObjectName };
  /** Whether a key is that of a file of records. */
  readonly isKnown: (key: string) => boolean;
}

/** Without `refuse`: a job takes objects of any size. */
export type JobRuns = Omit<ObjectRuns, 'refuse'>;

export interface WireJobOptions {
  /** Whether models are loaded, or only known by their names. */
  readonly loadsModels: boolean;
}

/**
 * Builds the adapters of a job from the environment.
 *
 * @throws ConfigError, ModelError
 */
export const wireJob = async (env: NodeJS.ProcessEnv, { loadsModels }: WireJobOptions): Promise<JobParts> => {
  const config = readJobConfig(env);
  const models = loadsModels ? await openJobModels(config) : await namedModels(config);
  const below = config.INPUT === undefined ? undefined : await parsePlace(config.INPUT);
  await createFolder(config.OUTPUT_BUCKET);
  const store = openPlaces(env, [below?.bucket ?? '', config.OUTPUT_BUCKET]);
  const settings = runSettings(jobModelSettings(config), config.NAMING);
  return {
    config,
    store,
    models,
    runs: runsOf({ store, models, settings, now: Date.now }),
    output: settings.output,
    settings,
    input:
      below === undefined ? { list: await parsePlace(must(config.INPUT_LIST, 'INPUT_LIST')) } : { below },
    isKnown: (key) => config.OBJECT_FORMAT !== undefined || formats.some(({ isNamed }) => isNamed(key)),
  };
};

/** Models that are only known by their names. */
const namedModels = async (config: JobConfig): Promise<Models> => {
  const { models, faults, inUse } = await listModels(jobModelSettings(config));
  return modelRegistry(models, {
    ...{ faults, inUse },
    defaultModels: config.MODEL,
    unknownModel: config.UNKNOWN_MODEL,
  });
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
