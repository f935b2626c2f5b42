import { resolve } from 'node:path';
import { directoryModels } from '../../models/sources/directory.ts';
import { type ModelFolder, modelId } from '../../models/folder/model-folder.ts';
import type { Classifier } from '../../tasks/model.ts';
import { wire } from '../../wire/classify-stream.ts';
import type { BuiltFunction } from '../build/built-function.ts';
import type { Peers } from './peers/peers.ts';
import type { BenchTexts } from './texts.ts';
import { UserError } from '../user-error.ts';
import { must } from '../../errors.ts';
import { MB_PER_VCPU } from '../../wire/models.ts';

/** The inputs of every section of the benchmark. */
export interface BenchContext {
  readonly root: string;
  readonly built: BuiltFunction;
  /** The models to measure. */
  readonly models: readonly ModelFolder[];
  readonly texts: BenchTexts;
  readonly peers: Peers;
  /** Fewer rounds and smaller samples. */
  readonly quick: boolean;
}

/** A model as the function opens it. @param threads as many as the function has vCPUs */
export const openModel = async (
  { environment }: BuiltFunction,
  id: string,
  threads = 1,
): Promise<Classifier> => {
  const memory = String(threads * MB_PER_VCPU);
  const { models } = await wire({ ...environment, MODEL: id, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memory });
  return models.load(id);
};

/** The models of a function's folder; a single one, if a name is given. */
export const benchedModels = async (
  { environment }: BuiltFunction,
  name?: string,
): Promise<readonly ModelFolder[]> => {
  const { models: all } = await directoryModels(
    must(environment.MODELS_DIR, 'MODELS_DIR of the function'),
  ).list();
  const chosen =
    name === undefined
      ? all
      : all.filter((model) => [modelId(model.manifest), model.manifest.name].includes(name));
  if (chosen.length > 0) return chosen;
  const found = all.map(({ manifest }) => modelId(manifest)).join(', ');
  throw new UserError(`model ${name} not found; available: ${found}`);
};

export const idOf = ({ manifest }: ModelFolder): string => modelId(manifest);

/** The first model of a format; undefined where none is measured. */
export const firstOf = (
  { models }: Pick<BenchContext, 'models'>,
  format: ModelFolder['manifest']['format'],
): ModelFolder | undefined => models.find(({ manifest }) => manifest.format === format);

/** The same function with the user's own folder of models. */
export const withModels = (built: BuiltFunction, folder: string): BuiltFunction => ({
  ...built,
  environment: { ...built.environment, MODELS_DIR: resolve(folder) },
});
