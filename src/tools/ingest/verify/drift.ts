import {
  answerTally,
  indexFrom,
  lowConfidence,
  type Reference,
  referenceOf,
} from '../../../tasks/reference.ts';

/** How confident a model is, and how far its labels are from those of its reference. */
export interface ModelDrift extends Omit<Reference, 'labels'> {
  /** `name@version` */
  readonly model: string;
  /** Null where the model has no reference. */
  readonly reference: Omit<Reference, 'labels'> | null;
  /** The population stability index; null where there is no reference with labels. */
  readonly index: number | null;
  /** The labels whose share has changed the most, from 0 to 1. */
  readonly moved: readonly { readonly label: string; readonly share: number; readonly before: number }[];
}

const MOST_MOVED = 10;

/** Adds up the answers of each model, in constant memory. */
export const driftTally = () => {
  const models = new Map<
    string,
    { readonly answers: ReturnType<typeof answerTally>; readonly reference: Reference | undefined }
  >();
  return {
    /** @param score not from 0 to 1 where there is none that is a probability */
    add: (
      model: string,
      label: string | undefined,
      score: number,
      reference: Reference | undefined,
    ): void => {
      const known = models.get(model) ?? { answers: answerTally(lowConfidence(reference)), reference };
      models.set(model, known);
      known.answers.add(label, score);
    },
    read: (): readonly ModelDrift[] =>
      [...models].flatMap(([model, { answers, reference }]) => {
        const sums = answers.read();
        if (sums.texts === 0) return [];
        const { labels: found = {}, ...now } = referenceOf(sums);
        const labels = reference?.labels;
        return [
          {
            ...{ model, ...now },
            reference: reference === undefined ? null : withoutLabels(reference),
            index: indexFrom(reference, sums.labels) ?? null,
            moved: labels === undefined ? [] : movedOf(labels, found),
          },
        ];
      }),
  };
};

const withoutLabels = ({ texts, confidence }: Reference): Omit<Reference, 'labels'> => ({
  texts,
  confidence,
});

type Counts = Readonly<Record<string, number>>;

const movedOf = (before: Counts, now: Counts): ModelDrift['moved'] => {
  const total = (counts: Counts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
  const [ofBefore, ofNow] = [total(before), total(now)];
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .map((label) => ({
      label,
      share: (now[label] ?? 0) / ofNow,
      before: (before[label] ?? 0) / ofBefore,
    }))
    .toSorted((a, b) => Math.abs(b.share - b.before) - Math.abs(a.share - a.before))
    .slice(0, MOST_MOVED);
};
