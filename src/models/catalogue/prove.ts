import { describeError, ModelError } from '../../errors.ts';
import { taskOf } from '../../tasks/tasks.ts';
import { inputOf, mismatches, mismatchText, readExamples, type Said } from '../folder/examples.ts';
import { modelId, type ModelFolder } from '../folder/model-folder.ts';
import type { LoadedModel, LoadModel } from '../loaded-model.ts';

export interface ProvingLoader {
  /** Loads a model; the first time only if it answers its examples as expected. @throws ModelError where it does not */
  readonly load: LoadModel;
  isProven(id: string): boolean;
  /** Whether its last load failed. */
  hasFailed(id: string): boolean;
}

/** A loader that checks the golden examples of each model, once. One that has failed them is not tried again. */
export const provingLoader = (load: LoadModel): ProvingLoader => {
  const proven = new Set<string>();
  const failed = new Set<string>();
  /** By folder: another content of the same version would have another. */
  const unfit = new Map<string, ModelError>();

  const check = async (model: LoadedModel, folder: ModelFolder): Promise<void> => {
    try {
      await checkExamples(model, folder);
    } catch (error) {
      await model.release?.();
      if (error instanceof ModelError) unfit.set(folder.folder, error);
      throw error;
    }
  };

  return {
    load: async (folder, others) => {
      const id = modelId(folder.manifest);
      const known = unfit.get(folder.folder);
      if (known !== undefined) throw known;
      failed.add(id);
      const model = await load(folder, others);
      if (!proven.has(id)) await check(model, folder);
      proven.add(id);
      failed.delete(id);
      return model;
    },
    isProven: (id) => proven.has(id),
    hasFailed: (id) => failed.has(id),
  };
};

/** @throws ModelError where an answer is not as expected */
const checkExamples = async (model: LoadedModel, { folder, manifest }: ModelFolder): Promise<void> => {
  const examples = readExamples(folder);
  const task = taskOf(manifest);
  const predictions = await model.classify(examples.map(inputOf)).catch((cause: unknown) => {
    throw new ModelError(`${model.id} cannot classify its examples: ${describeError(cause)}`, { cause });
  });
  const said = predictions.map((one): Said =>
    'error' in one ? { error: one.error.code } : (task.jsonOf(one) as unknown as Said),
  );
  const wrong = mismatches(examples, said);
  if (wrong.length > 0) throw new ModelError(mismatchText(model.id, examples, wrong));
};
