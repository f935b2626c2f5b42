import { join } from 'node:path';
import { ModelError } from '../../errors.ts';
import { directoryModels, type ModelFolder } from '../../models/directory-source.ts';
import { modelId } from '../../models/manifest.ts';
import { StageError } from './errors.ts';

/** The models of the project's `models/`. @throws StageError where one is misplaced or its manifest is faulty */
export const localModels = (root: string): ReadonlyMap<string, ModelFolder> => {
  try {
    return new Map(directoryModels(join(root, 'models')).map((model) => [modelId(model.manifest), model]));
  } catch (cause) {
    if (!(cause instanceof ModelError)) throw cause;
    throw new StageError(`${cause.message}. Nothing was changed.`, { cause });
  }
};

/** @throws StageError where the name is not `name@version` */
export const checkedId = (id: string): string => {
  if (/^[\w.-]+@[\w.-]+$/.test(id)) return id;
  throw new StageError(`${id} is no model's name: name it with its version, such as banking77-tfidf@1.`);
};

/** The highest version of what `MODEL` names among these ids; `name@version` stands for itself. */
export const resolveId = (model: string, ids: readonly string[]): string | undefined => {
  if (model.includes('@')) return ids.includes(model) ? model : undefined;
  const order = new Intl.Collator('en', { numeric: true });
  return ids.filter((id) => id.startsWith(`${model}@`)).toSorted((a, b) => order.compare(b, a))[0];
};
