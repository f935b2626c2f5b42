import { ModelError, PermanentError } from '../errors.ts';
import type { Classifier, Model, Models } from '../pipeline/model.ts';
import type { ModelFolder } from './directory-source.ts';
import { modelId } from './manifest.ts';

/** Makes a classifier of a model folder. @throws ModelError */
export type LoadModel = (model: ModelFolder) => Promise<Classifier>;

export interface RegistryOptions {
  /** The model of records that name none: `name` or `name@version`. */
  readonly defaultModel: string;
  /** One loader per format. */
  readonly loaders: Readonly<Record<string, LoadModel>>;
}

/**
 * The models there are, found by `name@version` or by `name` (then the highest version), loaded on first use and once.
 * A load that fails is forgotten, so that the next call tries again.
 *
 * @throws ModelError where the default model is not there or a format has no loader
 */
export const modelRegistry = (
  folders: readonly ModelFolder[],
  { defaultModel, loaders }: RegistryOptions,
): Models => {
  const byName = new Map<string, ModelFolder & Model>();
  const ascending = folders.toSorted((a, b) => versionOrder.compare(a.manifest.version, b.manifest.version));
  for (const { folder, manifest } of ascending) {
    const model = { folder, manifest, id: modelId(manifest), attribute: manifest.attribute };
    byName.set(model.id, model);
    byName.set(manifest.name, model);
  }
  const known = (): string => [...byName.keys()].filter((name) => name.includes('@')).join(', ');
  if (!byName.has(defaultModel))
    throw new ModelError(`default model ${defaultModel} is not there; found: ${known()}`);

  const loads = new Map<string, Promise<Classifier>>();
  const load = async (id: string): Promise<Classifier> => {
    const model = byName.get(id);
    if (model === undefined) throw new ModelError(`model ${id} is not there; found: ${known()}`);
    const loader = loaders[model.manifest.format];
    if (loader === undefined)
      throw new ModelError(`model ${id} has format ${model.manifest.format}, which has no loader`);
    return loader(model);
  };

  return {
    resolve: (name = defaultModel) => {
      const model = byName.get(name);
      if (model !== undefined) return model;
      const named = /^[\w.@-]{1,64}$/.test(name) ? name : 'of an impossible name';
      throw new PermanentError('unknown-model', `model ${named} is not there; found: ${known()}`);
    },
    load: (id) => {
      const loaded = loads.get(id) ?? load(id);
      loads.set(id, loaded);
      loaded.catch(() => loads.delete(id));
      return loaded;
    },
  };
};

/** `10` is higher than `9`. */
const versionOrder = new Intl.Collator('en', { numeric: true });
