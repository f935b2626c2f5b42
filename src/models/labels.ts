import { PermanentError } from '../errors.ts';
import type { Prediction } from '../pipeline/model.ts';

export type Activation = 'none' | 'softmax' | 'sigmoid';

/** Probabilities of classes that exclude each other. Subtracting the largest logit keeps every power within range. */
export const softmax = (logits: Float32Array): Float32Array => {
  const largest = logits.reduce((max, logit) => Math.max(max, logit), Number.NEGATIVE_INFINITY);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
};

/** Probabilities of classes that are independent of each other. */
export const sigmoid = (logits: Float32Array): Float32Array =>
  logits.map((logit) => 1 / (1 + Math.exp(-logit)));

const activations: Readonly<Record<Activation, (scores: Float32Array) => Float32Array>> = {
  none: (scores) => scores,
  softmax,
  sigmoid,
};

export interface LabelOptions {
  readonly activation?: Activation;
  /** How many labels to give, most probable first. */
  readonly topK?: number;
}

/**
 * What one row of scores says.
 *
 * @param scores one per label
 * @returns the `topK` most probable labels, of equals the first; an error where a score is not a finite number
 */
export const prediction = (
  scores: Float32Array,
  labels: readonly string[],
  { activation = 'none', topK = 1 }: LabelOptions = {},
): Prediction => {
  const probabilities = activations[activation](scores);
  const best = argmax(probabilities);
  if (best === undefined) {
    return { error: new PermanentError('bad-score', 'the model gave a score that is not a finite number') };
  }
  const indices = topK === 1 ? [best] : ranked(probabilities).slice(0, topK);
  return {
    labels: indices.map((index) => ({ label: labels[index] ?? '', score: probabilities[index] ?? 0 })),
  };
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

const ranked = (values: Float32Array): readonly number[] =>
  [...values.keys()].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
