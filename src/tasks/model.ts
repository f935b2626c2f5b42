import type { PermanentError } from '../errors.ts';
import type { Reference } from './reference.ts';

/** The input of a model. Its type is known to the task and to the models of that task. */
export type Input = string | object;

/** A model's answer to one input. Its type is known likewise. */
export interface Answer {
  /** The input was longer than the model's limit and was truncated. */
  readonly truncated?: true;
  /** The model (`name@version`) that gave the answer, where a cascade answers with another model. */
  readonly by?: string;
}

/** An answer, or the error why there is none. */
export type Prediction<A extends Answer = Answer> = A | { readonly error: PermanentError };

export interface Model {
  /** `name@version` */
  readonly id: string;
  /** The name of its task: see `taskOf`. */
  readonly task: string;
  /** The prefix of the attributes its answers are written to. */
  readonly attribute: string;
  /** How it answered the texts that it was published with; absent where that was not recorded. */
  readonly reference?: Reference | undefined;
}

export interface Classifier<I extends Input = Input, A extends Answer = Answer> extends Model {
  /** It works in a thread of its own, where a further call can have its inputs ready. */
  readonly isBeside?: boolean;
  /** One prediction per input, in the order of the inputs, and the same whatever else is in the batch. */
  classify(inputs: readonly I[]): Promise<readonly Prediction<A>[]>;
}

export interface Models {
  /**
   * The models with these names (`name`, `name@version`), each once; the default models where no names are given.
   * @throws PermanentError (`unknown-model`, or `conflicting-models` where two do different tasks or would write the same
   *   attributes);
   *   TransientError where it cannot be found out now what a name stands for
   */
  resolve(names?: readonly string[]): readonly Model[];
  /**
   * The model, loaded. It may be released when others need its memory, and is loaded again when it is used.
   * @throws ModelError where it cannot be loaded; the next call tries again
   */
  load(id: string): Promise<Classifier>;
  /**
   * Only where models are published while a door is open: takes up the versions that are in use now, at most every some
   * seconds, and looks for the names that `resolve` has not found. Called before the names of a batch or request are
   * resolved, and once more after that.
   *
   * @returns whether a name that was not found is known now: resolve again
   */
  renew?(): Promise<boolean>;
}
