import { sha256 } from '../../../tasks/content-hash.ts';
import type { Model } from '../../../tasks/model.ts';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import { labelNames } from '../../../tasks/label-names.ts';
import { READER, toySpan, toysOf, toyText, UNSCORABLE } from './toy-models.ts';
import { MAX_TEXT_CHARACTERS } from './toy-settings.ts';

/** The expected attributes of an item: labels of its text, or errors in place of labels, by each of its models. */
export interface Expected {
  /** Or question and context as one; undefined where there is none. */
  readonly text: string | undefined;
  /** The hash by which a label is found. */
  readonly hash: string;
  /** The error why no model accepts it. */
  readonly error: string | undefined;
  /** Where the answer to a question is; undefined for texts. */
  readonly span?: { readonly start: number; readonly end: number };
  /** Undefined where the item names one that does not exist, or models of different tasks: then nothing is written to it. */
  readonly models: readonly Model[] | undefined;
}

/** What an item should have besides what its owner put there. */
export const expectedOf = (item: Item): Expected => {
  const models = toysOf(item.model_type?.S?.split(','));
  const [first] = models ?? [];
  // Where no model is known, what counts is whether there is anything to answer.
  const asks = first === undefined ? item.text === undefined : first.task === READER.task;
  return { ...(asks ? ofQuestion(item) : ofText(item)), models };
};

const NOTHING = { text: undefined, hash: '', error: undefined };

const ofText = ({ text }: Item): Omit<Expected, 'models'> => {
  if (text === undefined) return NOTHING;
  const json = JSON.stringify(text);
  const hash = text.S === undefined ? `value-${sha256(json)}` : sha256(text.S);
  return { text: text.S ?? json, hash, error: errorOf(text.S) };
};

const ofQuestion = ({ question, context }: Item): Omit<Expected, 'models'> => {
  if (question?.S === undefined || context?.S === undefined) return NOTHING;
  const text = toyText(question.S, context.S);
  const isEmpty = [question.S, context.S].includes('');
  return {
    text,
    hash: sha256(text),
    error: isEmpty ? 'bad-text' : question.S === UNSCORABLE ? 'bad-score' : undefined,
    span: toySpan(context.S),
  };
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

/** A label as a reader finds it; `start` and `end` of an answer to a question. */
export type FoundLabel = Readonly<
  Record<'label' | 'hash' | 'model' | 'error' | 'start' | 'end', string | undefined>
>;

export const labelAt = (item: Item, prefix: string): FoundLabel => {
  const { label, hash, model, error, optional } = labelNames(prefix);
  return {
    ...{ label: item[label]?.S, hash: item[hash]?.S, model: item[model]?.S, error: item[error]?.S },
    ...{ start: item[optional.start]?.N, end: item[optional.end]?.N },
  };
};
