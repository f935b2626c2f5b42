import type { LoadedModel } from '../loaded-model.ts';

export interface ModelCacheOptions {
  /** The memory limit of all loaded models together, in bytes. */
  readonly budget: number;
  /** The estimated memory of a model, in bytes. */
  sizeOf(id: string): number;
  load(id: string): Promise<LoadedModel>;
  /** Makes a model ready to be loaded; others are loaded meanwhile. */
  prepare?(id: string): Promise<void>;
  /** Whether a model is never released. */
  isKept(id: string): boolean;
}

/** Models in memory, each loaded on first use and once. */
export interface ModelCache {
  /** Runs work with a model, which stays loaded until it ends. @throws what the load throws, which is not cached */
  use<Result>(id: string, work: (model: LoadedModel) => Promise<Result>): Promise<Result>;
  /** Runs work during which none of these models is released; those that are not loaded stay so. */
  hold<Result>(ids: readonly string[], work: () => Promise<Result>): Promise<Result>;
  /** The models that are loaded, the least recently used first. */
  loaded(): readonly string[];
  /** Whether a model is loaded, or about to be. */
  has(id: string): boolean;
}

/**
 * A cache bounded by memory. Before a model is loaded, others are released until it fits, the least recently used
 * first, but never one that is in use or never to be released. Where that is not enough, it is loaded all the same: it
 * is needed, and sizes are estimates.
 *
 * Models are loaded one at a time, so that two that only fit alone are not loaded into the same free memory.
 */
export const modelCache = ({ budget, sizeOf, load, prepare, isKept }: ModelCacheOptions): ModelCache => {
  /** In the order of their last use. */
  const models = new Map<string, LoadedModel>();
  const loads = new Map<string, Promise<LoadedModel>>();
  const users = new Map<string, number>();
  let lastLoad: Promise<unknown> = Promise.resolve();

  const hold: ModelCache['hold'] = async (ids, work) => {
    for (const id of ids) users.set(id, (users.get(id) ?? 0) + 1);
    try {
      return await work();
    } finally {
      for (const id of ids) users.set(id, (users.get(id) ?? 0) - 1);
    }
  };

  const isFull = (bytes: number): boolean =>
    [...models.keys()].reduce((total, id) => total + sizeOf(id), bytes) > budget;

  const makeRoom = async (bytes: number): Promise<void> => {
    for (const [id, model] of models) {
      if (!isFull(bytes)) return;
      if (isKept(id) || (users.get(id) ?? 0) > 0) continue;
      models.delete(id);
      await model.release?.();
    }
  };

  const loadInTurn = (id: string): Promise<LoadedModel> => {
    const loading = lastLoad
      .then(async () => {
        await makeRoom(sizeOf(id));
        const model = await load(id);
        models.set(id, model);
        return model;
      })
      .finally(() => loads.delete(id));
    lastLoad = loading.catch(() => undefined);
    return loading;
  };

  const startLoad = (id: string): Promise<LoadedModel> => {
    const prepared = prepare?.(id);
    const loading = prepared === undefined ? loadInTurn(id) : prepared.then(() => loadInTurn(id));
    loads.set(id, loading);
    prepared?.catch(() => loads.delete(id));
    return loading;
  };

  const get = (id: string): LoadedModel | Promise<LoadedModel> => {
    const model = models.get(id);
    if (model === undefined) return loads.get(id) ?? startLoad(id);
    models.delete(id);
    models.set(id, model);
    return model;
  };

  return {
    use: (id, work) => hold([id], async () => work(await get(id))),
    hold,
    loaded: () => [...models.keys()],
    has: (id) => models.has(id) || loads.has(id),
  };
};
