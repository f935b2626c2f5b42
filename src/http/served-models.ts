import { must, PermanentError } from '../errors.ts';
import { modelId, type ModelFolder } from '../models/folder/model-folder.ts';
import { type Meter, UNMETERED } from '../pipeline/meter.ts';
import { predict } from '../pipeline/predict.ts';
import type { Answer, Input, Models } from '../tasks/model.ts';
import { derived } from './derived.ts';
import { modelProblem, Problem } from './problem.ts';
import type { HttpTask } from './tasks/task.ts';
import { httpTaskOf } from './tasks/tasks.ts';

/** A model that requests can name. */
export interface ServedModel {
  /** `name@version` */
  readonly id: string;
  readonly folder: ModelFolder;
  readonly task: HttpTask;
}

export interface ServedModels {
  /**
   * The model with a name (`name`, `name@version`), or the default one.
   * @throws Problem (404) where there is none
   */
  find(name?: string): ServedModel;
  /**
   * What a model says of each input, in their order.
   *
   * @param inputs an error in place of an input is returned as its answer
   * @throws Problem (429, 500) where the model fails as a whole
   */
  ask(
    model: ServedModel,
    inputs: readonly (Input | PermanentError)[],
  ): Promise<readonly (Answer | PermanentError)[]>;
}

/** As names are in manifests: nothing else is looked for, or repeated to the client. */
const NAME = /^[\w.-]{1,128}(@[\w.-]{1,128})?$/;

/**
 * @param catalogue the models that are known; the list is another one where they have changed
 * @param answered takes note of what models say
 */
export const servedModels = (
  models: Models,
  catalogue: () => readonly ModelFolder[],
  answered: Meter['answered'] = UNMETERED.answered,
): ServedModels => {
  const served = derived(
    catalogue,
    (folders) =>
      new Map(
        folders.map((folder) => {
          const id = modelId(folder.manifest);
          return [id, { id, folder, task: httpTaskOf(folder.manifest) }];
        }),
      ),
  );
  const find: ServedModels['find'] = (name) => {
    const [model] = name === undefined ? models.resolve() : resolved(name, models);
    const { id } = must(model, 'default model');
    return must(served().get(id), `model ${id} in the catalogue`);
  };
  const ask: ServedModels['ask'] = async ({ id }, inputs) => {
    const predicted = await predict(inputs, [id], models, { ...UNMETERED, answered });
    return predicted.map((one) => {
      if ('error' in one) return one.error;
      const answered = must(one.answers[0], 'answer');
      if (!('error' in answered)) return answered.answer;
      if (answered.error instanceof PermanentError) return answered.error;
      throw modelProblem(answered.error);
    });
  };
  return { find, ask };
};

const resolved = (name: string, models: Models) => {
  if (!NAME.test(name))
    throw new Problem('NotFound', 'there is no model of that name; GET /models lists all');
  try {
    return models.resolve([name]);
  } catch (cause) {
    if (!(cause instanceof PermanentError)) throw cause;
    throw new Problem('NotFound', `there is no model ${name}; GET /models lists all`, { cause });
  }
};
