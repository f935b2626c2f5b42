import { ModelError } from '../../errors.ts';
import type { Classifier, Model, Models } from '../../tasks/model.ts';
import { cascade, leavesOf } from '../formats/cascade.ts';
import { loadModel } from '../formats/formats.ts';
import { type ChangingModels, modelId, type ModelFolder, toModel } from '../folder/model-folder.ts';
import type { KnownModel, LoadedModel, LoadModel, OtherModels } from '../loaded-model.ts';
import { modelCache } from './model-cache.ts';
import { type ChoiceOptions, type ModelChoice, modelChoice } from './choose-models.ts';
import { estimatedBytes } from './model-size.ts';
import { provingLoader } from './prove.ts';
import { renewal, type RenewalOptions } from './renewal.ts';

export interface RegistryOptions extends Omit<ChoiceOptions, 'onMissing'> {
  /** Loads a model from its folder; by its format, unless given. */
  readonly load?: LoadModel;
  /** The memory limit of all loaded models together, in MB. */
  readonly memoryMB?: number;
  /** The estimated memory of a model, in bytes. */
  readonly sizeOf?: (model: ModelFolder) => number;
  /** Where models are published while the registry is in use; versions of it are checked before they are used. */
  readonly changing?: Changing | undefined;
}

export interface Changing extends RenewalOptions {
  readonly source: ChangingModels;
  /** Refuses models that the door cannot take, by an exception. */
  readonly accept?: ((models: readonly Model[]) => void) | undefined;
}

export interface ModelRegistry extends Models {
  /** Loads the default models and the stages of cascades among them. @throws ModelError where one cannot be loaded */
  preload(): Promise<void>;
  /** The models that are in memory, the least recently used first. */
  loaded(): readonly string[];
  /** The models that are known by now. */
  catalogue(): readonly ModelFolder[];
  /** Gets to know all models that there are, where they are published while the registry is in use. */
  discover?(): Promise<void>;
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
    load: given = loadModel(),
    memoryMB = Number.POSITIVE_INFINITY,
    sizeOf = estimatedBytes,
    changing,
    ...options
  }: RegistryOptions,
): ModelRegistry => {
  const { load: loadFolder, ...proofs } = changing === undefined ? unchecked(given) : provingLoader(given);
  const chosen = (all: readonly ModelFolder[], inUse: ChoiceOptions['inUse']): Chosen => {
    const onMissing = (name: string): void => renewing?.missing(name);
    const choice = modelChoice(all, { ...options, inUse, onMissing });
    const kept = choice.defaults.flatMap((model) => leavesOf(model, choice.find));
    return { folders: all, inUse, choice, kept: new Set(kept.map(({ id }) => id)) };
  };
  let now = chosen(folders, options.inUse);

  const known = (id: string): KnownModel => {
    const model = now.choice.find(id);
    if (model !== undefined) return model;
    throw new ModelError(`model ${id} not found; available: ${now.choice.found()}`);
  };

  const load = async (id: string): Promise<LoadedModel> => loadFolder(known(id), others);
  const fetch = changing && ((id: string): Promise<void> => changing.source.fetch(known(id), isLoaded));
  const isLoaded = (folder: string): boolean =>
    now.folders.some((one) => one.folder === folder && cache.has(modelId(one.manifest)));
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
    isKept: (id) => now.kept.has(id),
    ...(fetch !== undefined && { prepare: fetch }),
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
    const { task, attribute, manifest } = known(id);
    if (manifest.format !== cascade.name)
      return { id, task, attribute, classify: (inputs) => cache.use(id, (model) => model.classify(inputs)) };
    await fetch?.(id);
    return load(id);
  };
  const others: OtherModels = { find: (name) => now.choice.find(name), handle, hold: cache.hold };

  const loadNow = async (id: string): Promise<Classifier> => {
    const model = await handle(id);
    if (known(id).manifest.format === cascade.name) return model;
    const isBeside = await cache.use(id, async (loaded) => loaded.isBeside ?? false);
    return isBeside ? { ...model, isBeside } : model;
  };

  /** All or nothing: where the models would not go together, everything stays as it is. */
  const become = (all: readonly ModelFolder[], inUse: ChoiceOptions['inUse']): void => {
    const next = chosen(all, inUse);
    changing?.accept?.(all.map(toModel));
    // The stages of a cascade may be others.
    for (const { manifest } of now.folders)
      if (manifest.format === cascade.name) handles.delete(modelId(manifest));
    now = next;
  };
  const inUse = (): ReadonlyMap<string, string> => now.inUse ?? new Map();
  const renewing =
    changing &&
    renewal(
      changing.source,
      {
        inUse,
        isProven: proofs.isProven,
        isNeeded: (id) =>
          now.choice.defaults.some((model) => model.id === id) ||
          now.kept.has(id) ||
          cache.has(id) ||
          proofs.hasFailed(id),
        add: (models) => {
          const byId = new Map(now.folders.map((model) => [modelId(model.manifest), model]));
          for (const model of models) byId.set(modelId(model.manifest), model);
          become([...byId.values()], now.inUse);
        },
        use: (names) => become(now.folders, new Map([...inUse(), ...names])),
        prove: async (id) => {
          await loadNow(id);
        },
      },
      changing,
    );

  const preload = async (): Promise<void> => {
    for (const { id } of now.choice.defaults) await handle(id);
    for (const id of now.kept) await loadNow(id);
  };

  return {
    resolve: (names) => now.choice.resolve(names),
    load: loadNow,
    preload: async () => {
      await renewing?.renew();
      await preload();
    },
    loaded: cache.loaded,
    catalogue: () => now.folders,
    ...(renewing !== undefined && { renew: renewing.renew, discover: renewing.discover }),
  };
};

/** The models that there are at a time, and what follows from them. */
interface Chosen {
  readonly folders: readonly ModelFolder[];
  readonly inUse: ChoiceOptions['inUse'];
  readonly choice: ModelChoice;
  /** Models that are never released. */
  readonly kept: ReadonlySet<string>;
}

/** Models that were deployed together with the code have been checked before. */
const unchecked = (load: LoadModel): ReturnType<typeof provingLoader> => ({
  load,
  isProven: () => true,
  hasFailed: () => false,
});
