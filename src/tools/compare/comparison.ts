import {
  type AtThreshold,
  byThreshold,
  type Calibration,
  calibrationOf,
  mcNemar,
  type Proportion,
  proportion,
  THRESHOLDS,
} from '../statistics.ts';

/** What a model says of a text: its first label, or the code of the error why there is none. */
export type Said = { readonly label: string; readonly score: number } | { readonly error: string };

export interface ComparedText {
  readonly text: string;
  /** The expected label, where it is known. */
  readonly label?: string | undefined;
  readonly first: Said;
  readonly second: Said;
}

/** Texts on which the models differ in the same way. */
export interface Difference {
  readonly first: string;
  readonly second: string;
  readonly count: number;
  /** Of those whose expected label is known, how many the one and the other has right. */
  readonly firstRight: number;
  readonly secondRight: number;
  /** Some of them. */
  readonly examples: readonly string[];
}

export interface Quality {
  readonly accuracy: Proportion;
  readonly calibration: Calibration;
  readonly byThreshold: readonly AtThreshold[];
}

/** What a cascade that asks one model first, and the other where that is not confident, would reach. */
export interface CascadePoint {
  readonly threshold: number;
  /** The share of the texts that the first one answers. */
  readonly answeredByFirst: number;
  readonly accuracy: number;
  /** Texts a second. */
  readonly perSecond: number;
}

export interface Comparison {
  readonly texts: number;
  readonly labelled: number;
  readonly agreement: Proportion;
  readonly differences: readonly Difference[];
  /** Where labels are known. */
  readonly quality?: {
    readonly first: Quality;
    readonly second: Quality;
    readonly bothRight: number;
    readonly onlyFirst: number;
    readonly onlySecond: number;
    readonly neither: number;
    /** By chance alone, of models that are equally good. */
    readonly chance: number;
  };
}

const MOST_DIFFERENCES = 10;
const EXAMPLES = 3;

const wordOf = (said: Said): string => ('error' in said ? `no label (${said.error})` : said.label);
const isRight = (said: Said, label: string | undefined): boolean => 'label' in said && said.label === label;
const scoreOf = (said: Said): number => ('error' in said ? 0 : said.score);

/** Compares what two models say of the same texts. @param texts at least one */
export const compareSaid = (texts: readonly ComparedText[]): Comparison => {
  const same = texts.filter(({ first, second }) => wordOf(first) === wordOf(second)).length;
  const labelled = texts.filter(({ label }) => label !== undefined);
  return {
    texts: texts.length,
    labelled: labelled.length,
    agreement: proportion(same, texts.length),
    differences: differencesOf(texts),
    ...(labelled.length > 0 && { quality: qualityOf(labelled) }),
  };
};

const differencesOf = (texts: readonly ComparedText[]): readonly Difference[] => {
  const different = texts.filter(({ first, second }) => wordOf(first) !== wordOf(second));
  const groups = Map.groupBy(different, ({ first, second }) =>
    JSON.stringify([wordOf(first), wordOf(second)]),
  );
  return [...groups.values()]
    .toSorted((a, b) => b.length - a.length)
    .slice(0, MOST_DIFFERENCES)
    .map((group) => {
      const [{ first, second } = { first: { error: '' }, second: { error: '' } }] = group;
      return {
        first: wordOf(first),
        second: wordOf(second),
        count: group.length,
        firstRight: group.filter((one) => isRight(one.first, one.label)).length,
        secondRight: group.filter((one) => isRight(one.second, one.label)).length,
        examples: group.slice(0, EXAMPLES).map(({ text }) => text),
      };
    });
};

const qualityOf = (texts: readonly ComparedText[]): NonNullable<Comparison['quality']> => {
  const marks = texts.map(({ label, first, second }) => [isRight(first, label), isRight(second, label)]);
  const countOf = (one: boolean, other: boolean): number =>
    marks.filter(([a, b]) => a === one && b === other).length;
  const [onlyFirst, onlySecond] = [countOf(true, false), countOf(false, true)];
  const ofModel = (which: 'first' | 'second'): Quality => {
    const answers = texts.map((text) => ({
      score: scoreOf(text[which]),
      isRight: isRight(text[which], text.label),
    }));
    return {
      accuracy: proportion(answers.filter((one) => one.isRight).length, texts.length),
      calibration: calibrationOf(answers),
      byThreshold: byThreshold(answers),
    };
  };
  return {
    first: ofModel('first'),
    second: ofModel('second'),
    bothRight: countOf(true, true),
    onlyFirst,
    onlySecond,
    neither: countOf(false, false),
    chance: mcNemar(onlyFirst, onlySecond),
  };
};

/**
 * What a cascade of the two would reach at each threshold.
 *
 * @param texts with labels
 * @param speeds of the one and the other alone, in texts a second
 */
export const cascadeOf = (
  texts: readonly ComparedText[],
  speeds: { readonly first: number; readonly second: number },
): readonly CascadePoint[] =>
  THRESHOLDS.map((threshold) => {
    const isAnswered = ({ first }: ComparedText): boolean => 'label' in first && first.score >= threshold;
    const answered = texts.filter(isAnswered).length / texts.length;
    const right = texts.filter((text) =>
      isRight(isAnswered(text) ? text.first : text.second, text.label),
    ).length;
    return {
      threshold,
      answeredByFirst: answered,
      accuracy: right / texts.length,
      perSecond: 1 / (1 / speeds.first + (1 - answered) / speeds.second),
    };
  });
