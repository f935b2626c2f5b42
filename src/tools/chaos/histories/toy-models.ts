import type { LabelPrediction } from '../../../tasks/label-scores.ts';
import { PermanentError } from '../../../errors.ts';
import { sha256 } from '../../../tasks/content-hash.ts';
import type { Input, Model, Models } from '../../../tasks/model.ts';
import {
  questionAnswering,
  type QuestionInput,
  type QuestionPrediction,
} from '../../../tasks/question-answering.ts';
import { differenceOf } from '../../../tasks/tasks.ts';
import { textClassification } from '../../../tasks/text-classification.ts';

export const TOY: Model = { id: 'toy@1', task: textClassification.name, attribute: 'label' };

/** A model with a prefix of its own, which labels items in addition to the other. */
export const TONE: Model = { id: 'tone@1', task: textClassification.name, attribute: 'tone' };

/** A model with the same prefix as the first one. */
export const RIVAL: Model = { id: 'rival@2', task: textClassification.name, attribute: 'label' };

/** Other versions of the first one, to relabel with; items that name no version get the first one. */
export const NEWER: Model = { id: 'toy@2', task: textClassification.name, attribute: 'label' };
export const OLDER: Model = { id: 'toy@0', task: textClassification.name, attribute: 'label' };

/** The versions to relabel with, as compared with that of the stream's function. */
export const VERSIONS = { newer: NEWER, same: TOY, older: OLDER } as const satisfies Record<string, Model>;

/** A model that answers questions. */
export const READER: Model = { id: 'reader@1', task: questionAnswering.name, attribute: 'answer' };

const MODELS: readonly Model[] = [TOY, TONE, RIVAL, NEWER, OLDER, READER];

/** A text, or a question, that no toy model can answer. */
export const UNSCORABLE = 'NaN';

/** The label that a toy model gives to a text. */
export const toyLabel = (text: string, { id }: Model = TOY): string =>
  `label-${sha256(`${id} ${text}`).slice(0, 8)}`;

/** The models with these names; undefined where one is unknown, or they are for different tasks. */
export const toysOf = (names: readonly string[] = ['toy']): readonly Model[] | undefined => {
  const found = names.flatMap(
    (name) => MODELS.find(({ id }) => id === name || id.split('@')[0] === name) ?? [],
  );
  return found.length < names.length || differenceOf(found) !== undefined ? undefined : found;
};

/** A question and its context as one text. */
export const toyText = (question: string, context: string): string => JSON.stringify([question, context]);

/** A toy model's answer: a label, or a span, that is a hash of the input. */
const hashed = (input: Input, model: Model): LabelPrediction | QuestionPrediction => {
  if (model.task === READER.task) return answered(input as QuestionInput, model);
  return typeof input !== 'string' || input === UNSCORABLE
    ? { error: new PermanentError('bad-score', 'not a number') }
    : { labels: [{ label: toyLabel(input, model), score: 0.5 }] };
};

const answered = ({ question, context }: QuestionInput, model: Model): QuestionPrediction =>
  question === UNSCORABLE
    ? { error: new PermanentError('bad-score', 'not a number') }
    : { spans: [{ answer: toyLabel(toyText(question, context), model), score: 0.5, ...toySpan(context) }] };

/** Where a toy model finds an answer in a context. */
export const toySpan = (context: string) => ({ start: context.length, end: context.length + 14 });

/** Models that take no time. @param predict the answer of a model to an input */
export const toyModels = (
  predict: (input: Input, model: Model) => LabelPrediction | QuestionPrediction = hashed,
): Models => ({
  resolve: (names) => {
    const models = toysOf(names);
    if (models !== undefined) return models;
    throw new PermanentError('unknown-model', 'no such model, or models of different tasks');
  },
  load: async (id) => {
    const model = MODELS.find((one) => one.id === id) ?? TOY;
    return { ...model, classify: async (inputs) => inputs.map((input) => predict(input, model)) };
  },
});
