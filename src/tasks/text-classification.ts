import { must, PermanentError } from '../errors.ts';
import { type AttributeValue, isObject, stringOf } from '../dynamodb-json/attributes.ts';
import { contentHash } from './content-hash.ts';
import { hashOfTexts, heldPlaces, usableTexts } from './held-texts.ts';
import { findText, type FoundText } from './item-text.ts';
import { labelNames } from './label-names.ts';
import {
  type Label,
  type LabelAnswer,
  type LabelPrediction,
  type LabelSettings,
  prediction,
} from './label-scores.ts';
import type { Answer, Classifier } from './model.ts';
import { roundedScore, scoreText } from './scores.ts';
import type { Task } from './task.ts';

/** A text, or a pair of texts (premise and hypothesis, question and passage) for a model of pairs. */
export type TextInput = string | { readonly text: string; readonly textPair: string };

export type { LabelSettings };

export type TextClassifier = Classifier<TextInput, LabelAnswer>;

/** The answer of a model of this task. */
export const labelsOf = (answer: Answer): LabelAnswer => answer as LabelAnswer;

type TextTask = Task<TextInput, LabelAnswer>;

/**
 * The text of an item, or its pair of texts.
 *
 * @throws PermanentError (`bad-text`) where it is a value that no item can hold
 */
const contentOf: TextTask['contentOf'] = (
  image,
  { textAttributes, textPairAttribute, maxTextCharacters },
) => {
  const first = findText(image, textAttributes);
  if (first.value === undefined) return { input: undefined, hash: '', holds: first.before };
  const second = textPairAttribute && findText(image, [textPairAttribute]);
  const found: readonly [FoundText, FoundText?] = second?.value === undefined ? [first] : [first, second];
  return {
    input: usableInput(found, maxTextCharacters),
    hash: hashOfTexts(found),
    // A single text's label is written only while there is still no second text.
    holds: [...heldPlaces(first), ...(second === undefined ? [] : heldPlaces(second))],
  };
};

const textsOf: TextTask['textsOf'] = ({ textAttributes, textPairAttribute }) => [
  { attributes: textAttributes },
  ...(textPairAttribute === undefined
    ? []
    : [{ attributes: [textPairAttribute], isOptional: true } as const]),
];

const usableInput = (
  found: readonly [FoundText, FoundText?],
  maxTextCharacters: number,
): TextInput | PermanentError => {
  const texts = usableTexts(
    found.filter((one) => one !== undefined),
    maxTextCharacters,
  );
  if (texts instanceof PermanentError) return texts;
  const [text, textPair] = texts;
  return textPair === undefined ? must(text, 'text') : { text: must(text, 'text'), textPair };
};

const inputOf: TextTask['inputOf'] = (item, { textAttributes, textPairAttribute, maxTextCharacters }) => {
  const first = findText(item, textAttributes);
  if (first.value === undefined) return undefined;
  const second = textPairAttribute && findText(item, [textPairAttribute]);
  return usableInput(second?.value === undefined ? [first] : [first, second], maxTextCharacters);
};

const hashAtAGlance: TextTask['hashAtAGlance'] = (item, { textAttributes, textPairAttribute }) => {
  const text = stringOf(findText(item, textAttributes).value);
  if (text === undefined) return undefined;
  return contentHash(text, textPairAttribute && stringOf(findText(item, [textPairAttribute]).value));
};

const attributesOf: TextTask['attributesOf'] = ({ labels: [best], by, truncated, listed }, prefix) => {
  if (best === undefined) return [];
  const { label, score, optional } = labelNames(prefix);
  return [
    { name: label, value: { S: best.label } },
    { name: score, value: { N: scoreText(best.score) } },
    ...(by === undefined ? [] : [{ name: optional.by, value: { S: by } }]),
    ...(truncated ? [{ name: optional.truncated, value: { BOOL: true } }] : []),
    ...(listed === undefined ? [] : [{ name: optional.listed, value: labelList(listed) }]),
  ];
};

/** Labels as a list of maps of `label` and `score`. */
const labelList = (labels: readonly Label[]): AttributeValue => ({
  L: labels.map(({ label, score }) => ({ M: { label: { S: label }, score: { N: scoreText(score) } } })),
});

const plainLabels = (labels: readonly Label[]): readonly Label[] =>
  labels.map(({ label, score }) => ({ label, score: roundedScore(score) }));

const fieldsOf: TextTask['fieldsOf'] = ({ labels: [best], by, truncated, listed }) => {
  if (best === undefined) return {};
  return {
    label: best.label,
    score: roundedScore(best.score),
    ...(by !== undefined && { by }),
    ...(truncated && { truncated }),
    ...(listed !== undefined && { list: plainLabels(listed) }),
  };
};

/** The prediction in a row of scores. @param truncated whether the input was truncated for the model */
export const readLabels = (
  scores: Float32Array,
  { labels, ...options }: LabelSettings,
  { truncated }: { readonly truncated: boolean },
): LabelPrediction => {
  const answer = prediction(scores, labels, options);
  return truncated && !('error' in answer) ? { ...answer, truncated } : answer;
};

/** A label for a text, or for a pair of texts. */
export const textClassification = {
  name: 'text-classification',
  textsOf,
  contentOf,
  inputOf,
  inputAbout: (text) => text,
  isInput: (value): value is TextInput =>
    typeof value === 'string' ||
    (isObject(value) && typeof value.text === 'string' && typeof value.textPair === 'string'),
  hashAtAGlance,
  outputs: ['logits'],
  isForAnother: (outputs) =>
    outputs.includes('start_logits') && outputs.includes('end_logits')
      ? 'gives start_logits and end_logits, so it answers questions'
      : undefined,
  confidenceOf: ({ labels }) => labels[0]?.score ?? 0,
  labelOf: ({ labels }) => labels[0]?.label,
  prefix: 'label',
  extras: ['by', 'truncated', 'listed'],
  isEmpty: ({ labels }) => labels.length === 0,
  attributesOf,
  jsonOf: ({ labels: [best] }) => ({ ...must(best, 'label') }),
  fields: [
    { name: 'label', type: 'string' },
    { name: 'score', type: 'number' },
    { name: 'by', type: 'string' },
    { name: 'truncated', type: 'boolean' },
    { name: 'list', type: 'json' },
  ],
  fieldsOf,
} as const satisfies TextTask;
