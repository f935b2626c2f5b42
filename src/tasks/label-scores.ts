import { must, PermanentError } from '../errors.ts';
import type { Answer, Prediction } from './model.ts';

/** The settings for reading a row of scores. */
export interface LabelSettings {
  /** In the order of the columns. */
  readonly labels: readonly string[];
  /** The function that turns scores into probabilities; `none`, unless given. */
  readonly activation?: 'none' | 'softmax' | 'sigmoid' | undefined;
  /** How many labels to give, most probable first; `null`: all. If left out: one, or those that pass the threshold. */
  readonly topK?: number | null | undefined;
  /** Labels with at least this probability are listed, each independent of the others, as in a multi-label model. */
  readonly threshold?: number | undefined;
  /** Answers keep the scores of all labels, which are logits, or probabilities already. */
  readonly keep?: 'logits' | 'probabilities' | undefined;
}

/** A label and its probability according to the model, from 0 to 1. */
export interface Label {
  readonly label: string;
  readonly score: number;
}

/** A model's answer to one text. */
export interface LabelAnswer extends Answer {
  /** Most probable first; at least one, and as many as the model is set to give. */
  readonly labels: readonly Label[];
  /**
   * The labels to write as a list beside the first: the `labels` that pass the threshold of a multi-label model (none,
   * perhaps), or those of a model that is set to give more than one. Absent where only the first is written.
   */
  readonly listed?: readonly Label[];
  /** The scores of all labels, where the model was loaded to keep them. */
  readonly scores?: LabelScores;
}

/** What a model gave for one text, to rank its labels in another way than its manifest says. */
export interface LabelScores {
  /** One per label. */
  readonly values: Float32Array;
  readonly labels: readonly string[];
  /** The model's own function, which turns the values into probabilities. */
  readonly activation: Activation;
  /** `probabilities`: no other function applies to the values. */
  readonly kind: NonNullable<LabelSettings['keep']>;
}

export type LabelPrediction = Prediction<LabelAnswer>;

export type Activation = NonNullable<LabelSettings['activation']>;

/** Probabilities of classes that exclude each other. Subtracting the largest logit keeps every power within range. */
export const softmax = (logits: Float32Array): Float64Array => {
  const largest = logits.reduce((max, logit) => Math.max(max, logit), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
};

/** Probabilities of classes that are independent of each other. */
export const sigmoid = (logits: Float32Array): Float64Array =>
  Float64Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));

const activations: Readonly<Record<Activation, (scores: Float32Array) => Float32Array | Float64Array>> = {
  none: (scores) => scores,
  softmax,
  sigmoid,
};

/** The probability of the largest score alone: to the last bit that which it has among all, without their array. */
const largestOf: Readonly<Record<Activation, (scores: Float32Array, largest: number) => number>> = {
  none: (_, largest) => largest,
  softmax: (scores, largest) => {
    let sum = 0;
    for (const score of scores) sum += Math.exp(score - largest);
    return 1 / sum;
  },
  sigmoid: (_, largest) => 1 / (1 + Math.exp(-largest)),
};

/** All labels, most probable first, of equals the first. @param values one per label */
export const ranked = (
  values: Float32Array,
  labels: readonly string[],
  activation: Activation,
): readonly Label[] => {
  const probabilities = activations[activation](values);
  return [...values.keys()]
    .sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b)
    .map((column) => ({ label: labelAt(labels, column), score: probabilities[column] ?? 0 }));
};

const labelAt = (labels: readonly string[], column: number): string =>
  must(labels[column], `label of column ${column}`);

/**
 * The prediction in one row of scores.
 *
 * @param scores one per label
 * @returns the most probable labels, of equals the first, at least one; an error where a score is not a finite number
 */
export const prediction = (
  scores: Float32Array,
  labels: readonly string[],
  { activation = 'none', topK, threshold, keep }: Omit<LabelSettings, 'labels'> = {},
): LabelPrediction => {
  const best = argmax(scores);
  if (best === undefined) {
    return { error: new PermanentError('bad-score', 'the model gave a score that is not a finite number') };
  }
  const kept = keep === undefined ? {} : { scores: { values: scores, labels, activation, kind: keep } };
  if (threshold === undefined && (topK === undefined || topK === 1)) {
    const score = largestOf[activation](scores, scores[best] ?? 0);
    return { labels: [{ label: labelAt(labels, best), score }], ...kept };
  }
  const all = ranked(scores, labels, activation);
  const passing = threshold === undefined ? all : all.filter(({ score }) => score >= threshold);
  const given = all.slice(0, topK === undefined ? Math.max(1, passing.length) : (topK ?? all.length));
  return { labels: given, listed: given.slice(0, passing.length), ...kept };
};

/** The index of the largest value, of equals the first; undefined where a value is not finite. One pass: it is hot. */
const argmax = (values: Float32Array): number | undefined => {
  let best = 0;
  let largest = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    sum += value;
    if (value > largest) {
      best = index;
      largest = value;
    }
  }
  return Number.isFinite(sum) ? best : undefined;
};
