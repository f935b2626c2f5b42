import { type Calibration, calibrationTally } from '../../statistics.ts';
import type { FoundLabel } from './label-reader.ts';

/** The statistics of one model's labels. */
export interface ModelTally {
  /** `name@version` */
  readonly model: string;
  /** Items that have its label. */
  readonly items: number;
  /** The number of these with an expected label; absent, like the accuracy, if there are none. */
  readonly expected?: number;
  /** Of those, how many have it, from 0 to 1. */
  readonly accuracy?: number;
  /** Of a cascade: how many labels each of the models that it asks has given. */
  readonly by?: Readonly<Record<string, number>>;
}

/** A label and its number of items. */
export interface LabelCount {
  readonly label: string;
  readonly items: number;
}

/** How good labels are whose expected ones are known. */
export interface LabelQuality {
  /** By the expected label: the items that have one, and how many of those have it. */
  readonly byLabel: readonly { readonly label: string; readonly items: number; readonly right: number }[];
  /** The most frequent pairs of an expected label and another one in its place. */
  readonly confusions: readonly {
    readonly expected: string;
    readonly label: string;
    readonly items: number;
  }[];
  readonly calibration: Calibration;
}

const MOST_CONFUSIONS = 20;

const ascending = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : 1;

/** The number of labels that are as expected by the input. */
export interface Accuracy {
  /** From 0 to 1; null where the input has no expected labels. */
  readonly accuracy: number | null;
  /** Labelled items with an expected label. */
  readonly accuracyItems: number;
}

/** Counts labels, by model and altogether. */
export const labelTally = () => {
  const labels = new Map<string, number>();
  const models = new Map<
    string,
    { items: number; expected: number; right: number; by: Map<string, number> }
  >();
  const tallyOf = (model: string) => {
    const tally = models.get(model) ?? { items: 0, expected: 0, right: 0, by: new Map<string, number>() };
    models.set(model, tally);
    return tally;
  };
  const more = (counts: Map<string, number>, key: string): void => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  const [expectedItems, rightItems] = [new Map<string, number>(), new Map<string, number>()];
  const confused = new Map<string, number>();
  const calibration = calibrationTally();
  const judge = (label: string, score: number, expected: string): void => {
    more(expectedItems, expected);
    if (label === expected) more(rightItems, expected);
    else more(confused, JSON.stringify([expected, label]));
    if (Number.isFinite(score)) calibration.add({ score, isRight: label === expected });
  };
  return {
    /** @param expected the expected label of the item */
    add: (
      { label, score, model, by }: Pick<FoundLabel, 'score' | 'model' | 'by'> & { readonly label: string },
      expected: string | undefined,
    ): void => {
      const tally = tallyOf(model);
      tally.items += 1;
      if (expected !== undefined) {
        tally.expected += 1;
        judge(label, Number(score), expected);
      }
      if (expected === label) tally.right += 1;
      if (by !== undefined) more(tally.by, by);
      more(labels, label);
    },
    /** Of a model of another task: answers are counted, but not what each of them says. */
    addAnswer: ({ model, by }: Pick<FoundLabel, 'model' | 'by'>): void => {
      const tally = tallyOf(model);
      tally.items += 1;
      if (by !== undefined) more(tally.by, by);
    },
    models: (): readonly ModelTally[] =>
      [...models].sort(ascending).map(([model, { items, expected, right, by }]) => ({
        model,
        items,
        ...(expected > 0 && { expected, accuracy: right / expected }),
        ...(by.size > 0 && { by: Object.fromEntries([...by].sort(ascending)) }),
      })),
    /** Of all models together: the share of the labels that are as expected, null without any; and their number. */
    accuracy: (): Accuracy => {
      const all = [...models.values()];
      const accuracyItems = all.reduce((sum, { expected }) => sum + expected, 0);
      const right = all.reduce((sum, one) => sum + one.right, 0);
      return { accuracy: accuracyItems > 0 ? right / accuracyItems : null, accuracyItems };
    },
    /** Of all models together; null where no label is expected. */
    quality: (): LabelQuality | null =>
      expectedItems.size === 0
        ? null
        : {
            byLabel: [...expectedItems]
              .map(([label, items]) => ({ label, items, right: rightItems.get(label) ?? 0 }))
              .toSorted((a, b) => a.right / a.items - b.right / b.items || b.items - a.items),
            confusions: [...confused]
              .toSorted(([, a], [, b]) => b - a)
              .slice(0, MOST_CONFUSIONS)
              .map(([pair, items]) => {
                const [expected = '', label = ''] = JSON.parse(pair) as readonly string[];
                return { expected, label, items };
              }),
            calibration: calibration.read(),
          },
    /** The most frequent labels. */
    top: (count: number): readonly LabelCount[] =>
      [...labels]
        .sort(([, a], [, b]) => b - a)
        .slice(0, count)
        .map(([label, items]) => ({ label, items })),
  };
};
