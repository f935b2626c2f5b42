import type { PermanentError } from '../errors.ts';

/** A text, or a pair of texts (premise and hypothesis, question and passage) for a model of pairs. */
export type TextInput = string | { readonly text: string; readonly textPair: string };

/** A label and how probable the model holds it, from 0 to 1. */
export interface Label {
  readonly label: string;
  readonly score: number;
}

/** What a model says of one text. */
export interface Answer {
  /** Most probable first; at least one, and as many as the model is set to give. */
  readonly labels: readonly Label[];
  /**
   * The labels to write as a list beside the first: the `labels` that pass the threshold of a multi-label model (none,
   * perhaps), or those of a model that is set to give more than one. Absent where the first says it all.
   */
  readonly listed?: readonly Label[];
  /** The text was longer than the model reads: it saw the beginning only. */
  readonly truncated?: true;
  /** The model (`name@version`) that gave the answer, where the one that was asked asked others. */
  readonly by?: string;
}

/** An answer, or why there is none. */
export type Prediction = Answer | { readonly error: PermanentError };

export interface Model {
  /** `name@version` */
  readonly id: string;
  /** The prefix of the attributes its labels are written to. */
  readonly attribute: string;
}

export interface Classifier extends Model {
  /** One prediction per text, in the order of the texts, and the same whatever else is in the batch. */
  classify(texts: readonly TextInput[]): Promise<readonly Prediction[]>;
}

export interface Models {
  /**
   * The models that names (`name`, `name@version`) stand for, each once; the default models without any name.
   * @throws PermanentError (`unknown-model`, or `conflicting-models` where two would write the same attributes)
   */
  resolve(names?: readonly string[]): readonly Model[];
  /**
   * The model, loaded. It may be released when others need its memory, and is loaded again when it is asked.
   * @throws ModelError where it cannot be loaded; the next call tries again
   */
  load(id: string): Promise<Classifier>;
}
