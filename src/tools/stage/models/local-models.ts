import { join } from 'node:path';
import { ModelError } from '../../../errors.ts';
import { directoryModels } from '../../../models/sources/directory.ts';
import { type Catalogue, type ModelFolder, modelId } from '../../../models/folder/model-folder.ts';
import { UserError } from '../../user-error.ts';

/** The models of the project's `models/` that can be used, by `name@version`. */
export const localModels = async (root: string): Promise<ReadonlyMap<string, ModelFolder>> => {
  const { models } = await catalogueOf(root);
  return new Map(models.map((model) => [modelId(model.manifest), model]));
};

/** One of these models; undefined where it is not found. @throws UserError with the cause where it cannot be used */
export const localModel = async (root: string, id: string): Promise<ModelFolder | undefined> => {
  const { models, faults } = await catalogueOf(root);
  const fault = faults.find((one) => one.id === id);
  if (fault !== undefined) throw userErrorOf(fault.error);
  return models.find(({ manifest }) => modelId(manifest) === id);
};

const catalogueOf = async (root: string): Promise<Catalogue> => {
  try {
    return await directoryModels(join(root, 'models')).list();
  } catch (cause) {
    throw userErrorOf(cause);
  }
};

/** Runs work with models before a stage is changed. @throws UserError with "Nothing was changed" for a ModelError */
export const untouched = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (cause) {
    throw userErrorOf(cause);
  }
};

const userErrorOf = (cause: unknown): unknown =>
  cause instanceof ModelError
    ? new UserError(`${cause.message.replace(/\.$/, '')}. Nothing was changed.`, { cause })
    : cause;

/** @throws UserError where the name is not `name@version` */
export const checkedId = (id: string): string => {
  if (/^[\w.-]+@[\w.-]+$/.test(id)) return id;
  throw new UserError(`${id} is no model's name: name it with its version, such as banking77-tfidf@1.`);
};

/** The highest version of a name in `MODEL` among these ids; a `name@version` is itself. */
export const resolveId = (model: string, ids: readonly string[]): string | undefined => {
  if (model.includes('@')) return ids.includes(model) ? model : undefined;
  const order = new Intl.Collator('en', { numeric: true });
  return ids.filter((id) => id.startsWith(`${model}@`)).toSorted((a, b) => order.compare(b, a))[0];
};
