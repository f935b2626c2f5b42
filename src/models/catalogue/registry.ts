import { ModelError } from '../../errors.ts';
import type { Classifier, Models } from '../../tasks/model.ts';
import { cascade, leavesOf } from '../formats/cascade.ts';
import { loadModel } from '../formats/formats.ts';
import type { ModelFolder } from '../folder/model-folder.ts';
import type { KnownModel, LoadedModel, LoadModel, OtherModels } from '../loaded-model.ts';
import { modelCache } from './model-cache.ts';
import { type ChoiceOptions, modelChoice } from './choose-models.ts';
import { estimatedBytes } from './model-size.ts';

export interface RegistryOptions extends ChoiceOptions {
  /** Loads a model from its folder; by its format, unless given. */
  readonly load?: LoadModel;
  /** The memory limit of all loaded models together, in MB. */
  readonly memoryMB?: number;
  /** The estimated memory of a model, in bytes. */
  readonly sizeOf?: (model: ModelFolder) => number;
}

export interface ModelRegistry extends Models {
  /** Loads the default models and the stages of cascades among them. @throws ModelError where one cannot be loaded */
  preload(): Promise<void>;
  /** The models that are in memory, the least recently used first. */
  loaded(): readonly string[];
}

/**
 * The available models, loaded on first use and once, and released, the least recently used first, where memory does
 * not hold all of them. The default models and their stages stay. A failed load is not cached, so that the next call
 * tries again.
 *
 * @throws ModelError where the default models or their stages are not found, cannot be used, or not together
 */
export const modelRegistry = (
  folders: readonly ModelFolder[],
  {
    defaultModels,
    load: loadFolder = loadModel(),
    unknownModel,
    faults,
    memoryMB = Number.POSITIVE_INFINITY,
    sizeOf = estimatedBytes,
  }: RegistryOptions,
): ModelRegistry => {
  const { find, found, defaults, resolve } = modelChoice(folders, { defaultModels, unknownModel, faults });
  const known = (id: string): KnownModel => {
    const model = find(id);
    if (model !== undefined) return model;
    throw new ModelError(`model ${id} not found; available: ${found()}`);
  };
  const kept = new Set(defaults.flatMap((model) => leavesOf(model, find)).map(({ id }) => id));

  const load = async (id: string): Promise<LoadedModel> => loadFolder(known(id), others);
  const sizes = new Map<string, number>();
  const sizeOnce = (id: string): number => {
    const size = sizes.get(id) ?? sizeOf(known(id));
    sizes.set(id, size);
    return size;
  };
  const cache = modelCache({
    budget: memoryMB * 2 ** 20,
    sizeOf: sizeOnce,
    load,
    isKept: (id) => kept.has(id),
  });

  const handles = new Map<string, Promise<Classifier>>();
  const handle = (id: string): Promise<Classifier> => {
    const handed = handles.get(id) ?? makeHandle(id);
    handles.set(id, handed);
    handed.catch(() => handles.delete(id));
    return handed;
  };
  /** A cascade has no weights of its own: it bypasses the cache, which loads one model at a time. */
  const makeHandle = async (id: string): Promise<Classifier> => {
    const { attribute, manifest } = known(id);
    if (manifest.format === cascade.name) return load(id);
    return { id, attribute, classify: (inputs) => cache.use(id, (model) => model.classify(inputs)) };
  };
  const others: OtherModels = { find, handle, hold: cache.hold };

  const loadNow = async (id: string): Promise<Classifier> => {
    const model = await handle(id);
    if (known(id).manifest.format === cascade.name) return model;
    const isBeside = await cache.use(id, async (loaded) => loaded.isBeside ?? false);
    return isBeside ? { ...model, isBeside } : model;
  };

  return {
    resolve,
    load: loadNow,
    preload: async () => {
      for (const { id } of defaults) await handle(id);
      for (const id of kept) await loadNow(id);
    },
    loaded: cache.loaded,
  };
};
