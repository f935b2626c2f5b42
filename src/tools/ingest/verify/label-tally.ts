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
  return {
    /** @param expected the expected label of the item */
    add: (
      { label, model, by }: Pick<FoundLabel, 'model' | 'by'> & { readonly label: string },
      expected: string | undefined,
    ): void => {
      const tally = tallyOf(model);
      tally.items += 1;
      if (expected !== undefined) tally.expected += 1;
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
    /** The most frequent labels. */
    top: (count: number): readonly LabelCount[] =>
      [...labels]
        .sort(([, a], [, b]) => b - a)
        .slice(0, count)
        .map(([label, items]) => ({ label, items })),
  };
};
