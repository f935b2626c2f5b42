import { labelNames } from '../../tasks/label-names.ts';
import type { Model } from '../../tasks/model.ts';
import { roundedScore } from '../../tasks/scores.ts';
import type { Label } from '../../tasks/label-scores.ts';
import type { TextLabel } from './labeller.ts';

/** The names of the fields of a model's label: those of an item's attributes, and the error where there is no label. */
export const fieldNames = (prefix: string) => {
  const { label, score, model, optional, error } = labelNames(prefix);
  return { label, score, model, ...optional, error };
};

export type Fields = Readonly<Record<string, unknown>>;

const plainLabels = (labels: readonly Label[]): readonly Label[] =>
  labels.map(({ label, score }) => ({ label, score: roundedScore(score) }));

/** A text's label by one model as plain fields, without empty ones. @param prefix of their names */
export const labelFields = (label: TextLabel, prefix: string = label.model.attribute): Fields => {
  const names = fieldNames(prefix);
  if ('error' in label) return { [names.error]: label.error.code };
  const { labels, listed, by, truncated } = label.answer;
  const [best = { label: '', score: 0 }] = labels;
  return {
    [names.label]: best.label,
    [names.score]: roundedScore(best.score),
    ...(by !== undefined && { [names.by]: by }),
    ...(truncated && { [names.truncated]: true }),
    ...(listed !== undefined && { [names.listed]: plainLabels(listed) }),
  };
};

/** Fields of several models together. One may be called `__proto__`. */
export const allFields = (fields: readonly Fields[]): Fields =>
  Object.fromEntries(fields.flatMap((each) => Object.entries(each)));

/** The columns of a table: the same for every row. */
export const columnsOf = (prefix: string, lists: boolean): readonly string[] => {
  const { label, score, error, listed } = fieldNames(prefix);
  return [label, score, ...(lists ? [listed] : []), error];
};

/** All fields that may be written for a model. */
export const reservedNames = ({ attribute }: Pick<Model, 'attribute'>): readonly string[] => {
  const { model: _, ...names } = fieldNames(attribute);
  return Object.values(names);
};
