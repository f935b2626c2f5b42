import { must, PermanentError } from '../errors.ts';
import { isAttributeValue } from '../dynamodb-json/attribute-value.ts';
import { type AttributeValue, stringOf } from '../dynamodb-json/attributes.ts';
import { contentHash } from './content-hash.ts';
import { findText, type FoundText, type Held, type NoText, textOf } from './item-text.ts';
import { labelNames } from './label-names.ts';
import { type Label, type LabelAnswer, prediction } from './label-scores.ts';
import type { Answer, Classifier } from './model.ts';
import type { Task } from './task.ts';

/** A text, or a pair of texts (premise and hypothesis, question and passage) for a model of pairs. */
export type TextInput = string | { readonly text: string; readonly textPair: string };

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
  const found = second?.value === undefined ? [first] : [first, second];
  const [stored, storedPair] = found.map(storedText);
  // The prefix keeps the hash of a value that is not a string different from that of every text.
  const kind = found.every(({ value }) => stringOf(value) !== undefined) ? '' : 'value-';
  // A single text's label is written only while there is still no second text.
  const holds = [...heldPlaces(first), ...(second === undefined ? [] : heldPlaces(second))];
  return {
    input: usableInput(found, maxTextCharacters),
    hash: kind + contentHash(must(stored, 'text'), storedPair),
    holds,
  };
};

const heldPlaces = (found: FoundText | NoText): readonly Held[] =>
  found.value === undefined ? found.before : [...found.before, { path: found.path, value: found.value }];

/** The stored text to hash; for a value that is no string, its JSON. @throws PermanentError if no item can hold it */
const storedText = ({ attribute: { name }, value }: FoundText): string => {
  const string = stringOf(value);
  if (string?.isWellFormed() === true) return string;
  if (isAttributeValue(value)) return JSON.stringify(value satisfies AttributeValue);
  throw unusable(name, value);
};

const unusable = (name: string, value: AttributeValue): PermanentError =>
  new PermanentError(
    'bad-text',
    stringOf(value) === undefined
      ? `attribute ${name} should be a string (S), but is no attribute value that DynamoDB can hold`
      : `attribute ${name} has an unpaired surrogate`,
  );

const usableInput = (found: readonly FoundText[], maxTextCharacters: number): TextInput | PermanentError => {
  try {
    const [text, textPair] = found.map((one) => textOf(one, maxTextCharacters));
    return textPair === undefined ? must(text, 'text') : { text: must(text, 'text'), textPair };
  } catch (error) {
    if (error instanceof PermanentError) return error;
    throw error;
  }
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

/** The least number above zero that DynamoDB holds. */
const LEAST = 1e-130;

/** A probability as all doors give it: seven significant digits, all that a float32 has. */
export const roundedScore = (score: number): number =>
  Math.abs(score) < LEAST ? 0 : Number(score.toPrecision(7));

/** A probability as a DynamoDB number. */
const scoreText = (score: number): string => String(roundedScore(score));

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

/** A label for a text, or for a pair of texts. */
export const textClassification = {
  name: 'text-classification',
  contentOf,
  inputOf,
  hashAtAGlance,
  outputs: ['logits'],
  isForAnother: (outputs) =>
    outputs.includes('start_logits') && outputs.includes('end_logits')
      ? 'gives start_logits and end_logits, so it answers questions'
      : undefined,
  read: ([scores], { labels, ...options }, { truncated }) => {
    const answer = prediction(must(scores, 'row of scores'), labels, options);
    return truncated && !('error' in answer) ? { ...answer, truncated } : answer;
  },
  confidenceOf: ({ labels }) => labels[0]?.score ?? 0,
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
