import type { PermanentError } from '../errors.ts';

/** A label and how probable the model holds it, from 0 to 1. */
export interface Label {
  readonly label: string;
  readonly score: number;
}

/** What a model says of one text: its labels, most probable first, or why it can say nothing. */
export type Prediction = { readonly labels: readonly Label[] } | { readonly error: PermanentError };

export interface Model {
  /** `name@version` */
  readonly id: string;
  /** The prefix of the attributes its labels are written to. */
  readonly attribute: string;
}

export interface Classifier extends Model {
  /** One prediction per text, in the order of the texts, and the same whatever else is in the batch. */
  classify(texts: readonly string[]): Promise<readonly Prediction[]>;
}

export interface Models {
  /**
   * The model that a name (`name`, `name@version`) stands for; the default model without one.
   * @throws PermanentError (`unknown-model`)
   */
  resolve(name?: string): Model;
  /** The loaded model. @throws ModelError where it cannot be loaded; the next call tries again */
  load(id: string): Promise<Classifier>;
}
