import { ModelError } from '../errors.ts';
import type { Classifier, Model } from '../tasks/model.ts';
import type { ModelFolder } from './folder/model-folder.ts';

/** A model in memory. */
export interface LoadedModel extends Classifier {
  /** Gives its memory back; it is not asked any more. */
  release?(): Promise<void>;
}

/** A model that there is, loaded or not. */
export type KnownModel = ModelFolder & Model;

/** What a model that asks others needs of the registry. */
export interface OtherModels {
  /**
   * The model that a name (`name`, `name@version`) stands for; undefined where there is none.
   * @throws ModelError where it is there and cannot be used
   */
  find(name: string): KnownModel | undefined;
  /** A model that is loaded when it is asked. @throws ModelError where it is faulty in itself */
  handle(id: string): Promise<Classifier>;
  /** Does something during which none of these models is released. */
  hold<Result>(ids: readonly string[], work: () => Promise<Result>): Promise<Result>;
}

/** Of a model that asks no others: there are none. */
export const NO_OTHERS: OtherModels = {
  find: () => undefined,
  handle: async (id) => {
    throw new ModelError(`model ${id} is not among the others`);
  },
  hold: (_, work) => work(),
};

/** Makes a model of its folder. @throws ModelError */
export type LoadModel = (model: ModelFolder, others: OtherModels) => Promise<LoadedModel>;
