import { sha256 } from '../../../tasks/content-hash.ts';
import type { Model } from '../../../tasks/model.ts';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import { labelNames } from '../../../tasks/label-names.ts';
import { toysOf, UNSCORABLE } from './toy-models.ts';
import { MAX_TEXT_CHARACTERS } from './toy-settings.ts';

/** The expected attributes of an item: labels of its text, or errors in place of labels, by each of its models. */
export interface Expected {
  /** Undefined where there is none. */
  readonly text: string | undefined;
  /** The hash by which a label is found. */
  readonly hash: string;
  /** The error why no model accepts it. */
  readonly error: string | undefined;
  /** Undefined where the item names one that does not exist: then nothing is written to it. */
  readonly models: readonly Model[] | undefined;
}

/** What an item should have besides what its owner put there. */
export const expectedOf = ({ text, model_type }: Item): Expected => {
  const models = toysOf(model_type?.S?.split(','));
  if (text === undefined) return { text: undefined, hash: '', error: undefined, models };
  const json = JSON.stringify(text);
  const hash = text.S === undefined ? `value-${sha256(json)}` : sha256(text.S);
  return { text: text.S ?? json, hash, error: errorOf(text.S), models };
};

const errorOf = (text: string | undefined): string | undefined => {
  if (text === undefined) return 'bad-text';
  if (text.length > MAX_TEXT_CHARACTERS) return 'text-too-long';
  return text === UNSCORABLE ? 'bad-score' : undefined;
};

export const isRefused = (item: Item): boolean => {
  const { text, error, models } = expectedOf(item);
  return text !== undefined && (error !== undefined || models === undefined);
};

/** A label as a reader finds it. */
export type FoundLabel = Readonly<Record<'label' | 'hash' | 'model' | 'error', string | undefined>>;

export const labelAt = (item: Item, prefix: string): FoundLabel => {
  const { label, hash, model, error } = labelNames(prefix);
  return { label: item[label]?.S, hash: item[hash]?.S, model: item[model]?.S, error: item[error]?.S };
};
