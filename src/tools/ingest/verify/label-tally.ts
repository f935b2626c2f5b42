import type { Reference } from '../../../tasks/reference.ts';
import { type AtThreshold, type Calibration, calibrationTally, thresholdTally } from '../../statistics.ts';
import { driftTally, type ModelDrift } from './drift.ts';
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
  /** The accuracy of each of those, where expected labels are known. */
  readonly accuracyBy?: Readonly<Record<string, number>>;
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
  readonly byThreshold: readonly AtThreshold[];
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

const newTally = () => ({
  ...{ items: 0, expected: 0, right: 0 },
  ...{
    by: new Map<string, number>(),
    expectedBy: new Map<string, number>(),
    rightBy: new Map<string, number>(),
  },
});

const more = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

/** Counts labels, by model and altogether. */
export const labelTally = () => {
  const labels = new Map<string, number>();
  const models = new Map<string, ReturnType<typeof newTally>>();
  const tallyOf = (model: string) => {
    const tally = models.get(model) ?? newTally();
    models.set(model, tally);
    return tally;
  };
  const drift = driftTally();
  const [expectedItems, rightItems] = [new Map<string, number>(), new Map<string, number>()];
  const confused = new Map<string, number>();
  const [calibration, thresholds] = [calibrationTally(), thresholdTally()];
  const judge = (label: string, score: number, expected: string): void => {
    const isRight = label === expected;
    more(expectedItems, expected);
    if (isRight) more(rightItems, expected);
    else more(confused, JSON.stringify([expected, label]));
    // A score that is no probability says nothing of how often it is right.
    if (!(score >= 0 && score <= 1)) return;
    calibration.add({ score, isRight });
    thresholds.add({ score, isRight });
  };
  return {
    /** @param expected the expected label of the item @param reference of the model */
    add: (
      { label, score, model, by }: Pick<FoundLabel, 'score' | 'model' | 'by'> & { readonly label: string },
      expected: string | undefined,
      reference?: Reference,
    ): void => {
      const tally = tallyOf(model);
      tally.items += 1;
      if (expected !== undefined) {
        tally.expected += 1;
        judge(label, Number(score), expected);
      }
      if (expected === label) tally.right += 1;
      if (by !== undefined) {
        more(tally.by, by);
        if (expected !== undefined) more(tally.expectedBy, by);
        if (expected === label) more(tally.rightBy, by);
      }
      more(labels, label);
      drift.add(model, label, Number(score), reference);
    },
    /** Of a model of another task: answers are counted, but not what each of them says. */
    addAnswer: (
      { model, score, by }: Pick<FoundLabel, 'model' | 'score' | 'by'>,
      reference?: Reference,
    ): void => {
      const tally = tallyOf(model);
      tally.items += 1;
      if (by !== undefined) more(tally.by, by);
      drift.add(model, undefined, Number(score), reference);
    },
    /** Of each model: how confident it is, and how far its labels are from those of its reference. */
    drift: (): readonly ModelDrift[] => drift.read(),
    models: (): readonly ModelTally[] =>
      [...models].sort(ascending).map(([model, { items, expected, right, by, expectedBy, rightBy }]) => ({
        model,
        items,
        ...(expected > 0 && { expected, accuracy: right / expected }),
        ...(by.size > 0 && { by: Object.fromEntries([...by].sort(ascending)) }),
        ...(expectedBy.size > 0 && {
          accuracyBy: Object.fromEntries(
            [...expectedBy].sort(ascending).map(([stage, of]) => [stage, (rightBy.get(stage) ?? 0) / of]),
          ),
        }),
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
            byThreshold: thresholds.read([...expectedItems.values()].reduce((sum, items) => sum + items, 0)),
          },
    /** The most frequent labels. */
    top: (count: number): readonly LabelCount[] =>
      [...labels]
        .sort(([, a], [, b]) => b - a)
        .slice(0, count)
        .map(([label, items]) => ({ label, items })),
  };
};
