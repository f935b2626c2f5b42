/** A share of some, and where the true one is with a probability of 95 %. */
export interface Proportion {
  readonly value: number;
  readonly least: number;
  readonly most: number;
}

/** The quantile of a normal distribution for 95 %. */
const Z = 1.959_963_984_540_054;

/**
 * A share with Wilson's interval.
 *
 * @param of at least one
 * @see Edwin B. Wilson: Probable Inference, the Law of Succession, and Statistical Inference, 1927
 */
export const proportion = (count: number, of: number): Proportion => {
  const value = count / of;
  const scale = 1 + Z ** 2 / of;
  const middle = (value + Z ** 2 / (2 * of)) / scale;
  const half = (Z / scale) * Math.sqrt((value * (1 - value)) / of + Z ** 2 / (4 * of ** 2));
  return { value, least: Math.max(0, middle - half), most: Math.min(1, middle + half) };
};

/**
 * The probability that two models which are equally good differ as much as these do: McNemar's exact test, on both
 * sides, over the texts that only one of them has right.
 *
 * @returns from 0 to 1; 1 where there are no such texts
 * @see Quinn McNemar: Note on the sampling error of the difference between correlated proportions or percentages, 1947
 */
export const mcNemar = (onlyFirst: number, onlySecond: number): number => {
  const [count, few] = [onlyFirst + onlySecond, Math.min(onlyFirst, onlySecond)];
  // Of a binomial distribution with a probability of a half, by logarithms: it is less than the least number soon.
  let logarithm = -count * Math.LN2;
  let tail = Math.exp(logarithm);
  for (let successes = 1; successes <= few; successes += 1) {
    logarithm += Math.log((count - successes + 1) / successes);
    tail += Math.exp(logarithm);
  }
  return Math.min(1, 2 * tail);
};

/** Answers whose score is within the same stretch. */
export interface Bin {
  /** Of the scores, from 0 to 1. */
  readonly least: number;
  readonly most: number;
  readonly count: number;
  /** The mean of their scores. */
  readonly confidence: number;
  /** The share of them that is right. */
  readonly accuracy: number;
}

export interface Calibration {
  /** How far scores are from the share that is right, on average over the answers. */
  readonly expectedError: number;
  /** Those that have answers, by their scores. */
  readonly bins: readonly Bin[];
}

/** As it is usually measured. */
const BINS = 15;

/** An answer whose expected one is known. */
export interface Judged {
  readonly score: number;
  readonly isRight: boolean;
}

/**
 * The expected calibration error over bins of equal width, in constant memory.
 *
 * @see Chuan Guo et al.: On Calibration of Modern Neural Networks, 2017
 */
export const calibrationTally = () => {
  const bins = Array.from({ length: BINS }, () => ({ count: 0, scores: 0, right: 0 }));
  return {
    add: ({ score, isRight }: Judged): void => {
      const bin = bins[Math.min(BINS - 1, Math.floor(score * BINS))];
      // A score that is no probability is left out.
      if (bin === undefined || score > 1) return;
      bin.count += 1;
      bin.scores += score;
      if (isRight) bin.right += 1;
    },
    read: (): Calibration => {
      const found = bins.flatMap(({ count, scores, right }, index) =>
        count === 0
          ? []
          : [
              {
                ...{ least: index / BINS, most: (index + 1) / BINS, count },
                ...{ confidence: scores / count, accuracy: right / count },
              },
            ],
      );
      const total = found.reduce((sum, { count }) => sum + count, 0);
      const error = found.reduce(
        (sum, { count, confidence, accuracy }) => sum + count * Math.abs(confidence - accuracy),
        0,
      );
      return { expectedError: total === 0 ? 0 : error / total, bins: found };
    },
  };
};

/** The calibration of answers that are all at hand. */
export const calibrationOf = (answers: readonly Judged[]): Calibration => {
  const tally = calibrationTally();
  for (const answer of answers) tally.add(answer);
  return tally.read();
};

/** Of the answers with a score of at least a threshold: the share of all answers, and the share of them that is right. */
export interface AtThreshold {
  readonly threshold: number;
  readonly answered: number;
  /** 1 where there are none. */
  readonly accuracy: number;
}

/** Every twentieth, and some more where models are confident. */
export const THRESHOLDS: readonly number[] = [
  ...Array.from({ length: 20 }, (_, index) => index / 20),
  ...[0.96, 0.97, 0.98, 0.99, 0.995, 1],
];

/** What is gained in accuracy where answers of low scores are left out, in constant memory. */
export const thresholdTally = () => {
  const counts = THRESHOLDS.map((threshold) => ({ threshold, answered: 0, right: 0 }));
  return {
    add: ({ score, isRight }: Judged): void => {
      for (const count of counts) {
        // They ascend.
        if (count.threshold > score) return;
        count.answered += 1;
        if (isRight) count.right += 1;
      }
    },
    /** @param of how many answers and errors there are */
    read: (of: number): readonly AtThreshold[] =>
      counts.map(({ threshold, answered, right }) => ({
        threshold,
        answered: answered / of,
        accuracy: answered === 0 ? 1 : right / answered,
      })),
  };
};

/** The same of answers that are all at hand. */
export const byThreshold = (answers: readonly Judged[]): readonly AtThreshold[] => {
  const tally = thresholdTally();
  for (const answer of answers) tally.add(answer);
  return tally.read(answers.length);
};
