/** How a model answered the texts that it was published with: what its later answers are compared with. */
export interface Reference {
  /** The number of texts that it answered. */
  readonly texts: number;
  /** Absent where the model's scores are no probabilities. */
  readonly confidence?: Confidence | undefined;
  /** The number of answers by label; absent where answers are not of a number of labels. */
  readonly labels?: Readonly<Record<string, number>> | undefined;
}

export interface Confidence {
  /** The mean score, from 0 to 1. */
  readonly mean: number;
  /** The score below which an answer counts as one of low confidence, from 0 to 1. */
  readonly below: number;
  /** The share of the answers below it, from 0 to 1. */
  readonly share: number;
}

/** The score below which an answer is of low confidence, for a model that has no reference. */
export const LOW_CONFIDENCE = 0.5;

/** The score below which an answer of a model with this reference is of low confidence. */
export const lowConfidence = (reference: Reference | undefined): number =>
  reference?.confidence?.below ?? LOW_CONFIDENCE;

/** The sums of some answers. */
export interface AnswerSums {
  readonly texts: number;
  /** Absent where no score is a probability. */
  readonly confidence?: Confidence;
  readonly labels: ReadonlyMap<string, number>;
}

/** Adds up answers, in constant memory. @param below the score below which the confidence is low */
export const answerTally = (below: number) => {
  let [texts, scored, scores, low] = [0, 0, 0, 0];
  let labels = new Map<string, number>();
  return {
    /**
     * @param label undefined where answers are not of a number of labels
     * @param score not from 0 to 1 where there is none that is a probability
     */
    add: (label: string | undefined, score: number): void => {
      texts += 1;
      if (score >= 0 && score <= 1) {
        scored += 1;
        scores += score;
        if (score < below) low += 1;
      }
      if (label !== undefined) labels.set(label, (labels.get(label) ?? 0) + 1);
    },
    read: (): AnswerSums => ({
      ...{ texts, labels },
      ...(scored > 0 && { confidence: { mean: scores / scored, below, share: low / scored } }),
    }),
    clear: (): void => {
      [texts, scored, scores, low] = [0, 0, 0, 0];
      labels = new Map();
    },
  };
};

/** The reference that answers make. */
export const referenceOf = ({ texts, confidence, labels }: AnswerSums): Reference => ({
  texts,
  ...(confidence !== undefined && {
    confidence: { ...confidence, mean: rounded(confidence.mean), share: rounded(confidence.share) },
  }),
  ...(labels.size > 0 && {
    labels: Object.fromEntries([...labels].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  }),
});

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

/** Added to each count, so that a label that does not occur has a share, too. */
const SMOOTHING = 0.5;

/**
 * The population stability index: how far a distribution has moved from another one. Up to 0.1 is usually taken for
 * none, more than 0.25 for a considerable move. Between samples of one distribution over k labels it is about
 * (k − 1) × (1 ÷ one's size + 1 ÷ the other's).
 *
 * @param expected counts by label; @param found likewise
 * @see Bilal Yurdakul, Joshua Naranjo: Statistical properties of the population stability index, 2020
 */
export const populationStabilityIndex = (
  expected: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
): number => {
  const labels = [...new Set([...expected.keys(), ...found.keys()])];
  const shares = (counts: ReadonlyMap<string, number>): readonly number[] => {
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0) + SMOOTHING * labels.length;
    return labels.map((label) => ((counts.get(label) ?? 0) + SMOOTHING) / total);
  };
  const before = shares(expected);
  return shares(found).reduce((sum, share, index) => {
    const reference = before[index] ?? share;
    return sum + (share - reference) * Math.log(share / reference);
  }, 0);
};

/** How far labels have moved from those of a reference; undefined where it has none. @param found counts by label */
export const indexFrom = (
  reference: Reference | undefined,
  found: ReadonlyMap<string, number>,
): number | undefined =>
  reference?.labels && populationStabilityIndex(new Map(Object.entries(reference.labels)), found);
