import { ModelError } from '../errors.ts';
import type { Classifier, Model } from '../tasks/model.ts';
import type { ModelFolder } from './folder/model-folder.ts';

/** A model in memory. */
export interface LoadedModel extends Classifier {
  /** Releases its memory; it is not used any more. */
  release?(): Promise<void>;
}

/** An available model, loaded or not. */
export type KnownModel = ModelFolder & Model;

/** The part of the registry that a cascade needs for its stages. */
export interface OtherModels {
  /**
   * The model with a name (`name`, `name@version`); undefined where there is none.
   * @throws ModelError where it was found and cannot be used
   */
  find(name: string): KnownModel | undefined;
  /** A model that is loaded on first use. @throws ModelError where it cannot be used */
  handle(id: string): Promise<Classifier>;
  /** Runs work during which none of these models is released. */
  hold<Result>(ids: readonly string[], work: () => Promise<Result>): Promise<Result>;
}

/** For a model that is no cascade: it finds no other models. */
export const NO_OTHERS: OtherModels = {
  find: () => undefined,
  handle: async (id) => {
    throw new ModelError(`model ${id} is not among the others`);
  },
  hold: (_, work) => work(),
};

/** Loads a model from its folder. @throws ModelError */
export type LoadModel = (model: ModelFolder, others: OtherModels) => Promise<LoadedModel>;
