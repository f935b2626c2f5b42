import { must, PermanentError } from '../errors.ts';
import { type AttributeValue, isObject, stringOf } from '../dynamodb-json/attributes.ts';
import { contentHash } from './content-hash.ts';
import { hashOfTexts, heldPlaces, usableTexts } from './held-texts.ts';
import { findText, type FoundText, textAttribute } from './item-text.ts';
import { labelNames } from './label-names.ts';
import type { Answer, Classifier, Prediction } from './model.ts';
import { roundedScore, scoreText } from './scores.ts';
import type { Task } from './task.ts';

/** A question, and the context in which its answer is looked for. */
export interface QuestionInput {
  readonly question: string;
  readonly context: string;
  /** How the context is divided, instead of as the model's manifest says. */
  readonly windows?: WindowSettings;
}

/** How a context that is longer than a model takes is divided into windows. */
export interface WindowSettings {
  /** The most tokens of a window: question, part of the context and special tokens (`max_seq_len`). */
  readonly maxLength?: number | undefined;
  /** The tokens that two windows in a row share (`doc_stride` of Hugging Face's pipeline). */
  readonly stride?: number | undefined;
}

/** A part of the context that answers a question. */
export interface Span {
  /** The context's own characters from `start` to `end`; empty where the question has no answer. */
  readonly answer: string;
  /** From 0 to 1. */
  readonly score: number;
  /** In Unicode code points, counted from 0. */
  readonly start: number;
  /** The code point after the last one. */
  readonly end: number;
}

/** Which spans of a context are given as answers, and how they are scored. */
export interface SpanSettings {
  /** The number of spans, best first (`top_k`). */
  readonly topK?: number | undefined;
  /** The most tokens of a span (`max_answer_len`). */
  readonly maxAnswerLength?: number | undefined;
  /** Whether the empty answer, that there is none, is one of the answers (`handle_impossible_answer`). */
  readonly handleImpossible?: boolean | undefined;
  /** Whether spans are widened to whole words (`align_to_words`). */
  readonly alignToWords?: boolean | undefined;
  /**
   * `contexts`: the best by the sum of their logits in all windows; the score is the softmax over the best 20.
   * `windows`: as Hugging Face's pipeline, by the probabilities of start and end within their own window.
   */
  readonly scores?: 'contexts' | 'windows' | undefined;
}

/** A model's answer to a question. */
export interface QuestionAnswer extends Answer {
  /** Best first; at least one, and as many as the model is set to give. */
  readonly spans: readonly Span[];
  /** The spans to write as a list beside the first, where the model is set to give several. */
  readonly listed?: readonly Span[];
  /** The spans by other settings, where the model was loaded to keep scores. */
  readonly spansBy?: (settings: SpanSettings) => readonly Span[];
}

export type QuestionPrediction = Prediction<QuestionAnswer>;
export type QuestionAnswerer = Classifier<QuestionInput, QuestionAnswer>;

/** The answer of a model of this task. */
export const spansOf = (answer: Answer): QuestionAnswer => answer as QuestionAnswer;

type QuestionTask = Task<QuestionInput, QuestionAnswer>;
type Places = Parameters<QuestionTask['hashAtAGlance']>[1];

const QUESTION = textAttribute('question');
const CONTEXT = textAttribute('context');

const placesOf = ({ questionAttribute = QUESTION, contextAttribute = CONTEXT }: Places) =>
  [questionAttribute, contextAttribute] as const;

const textsOf: QuestionTask['textsOf'] = (places) =>
  placesOf(places).map((place) => ({ attributes: [place] }));

/**
 * The question and the context of an item; none where it lacks one of them.
 *
 * @throws PermanentError (`bad-text`) where one is a value that no item can hold
 */
const contentOf: QuestionTask['contentOf'] = (item, settings) => {
  const [question, context] = placesOf(settings).map((place) => findText(item, [place]));
  const holds = [...heldPlaces(must(question, 'question')), ...heldPlaces(must(context, 'context'))];
  if (question?.value === undefined || context?.value === undefined)
    return { input: undefined, hash: '', holds };
  const input = usableInput(question, context, settings.maxTextCharacters);
  return { input, hash: hashOfTexts([question, context]), holds };
};

const inputOf: QuestionTask['inputOf'] = (item, settings) => {
  const [question, context] = placesOf(settings).map((place) => findText(item, [place]));
  if (question?.value === undefined || context?.value === undefined) return undefined;
  return usableInput(question, context, settings.maxTextCharacters);
};

const usableInput = (
  asked: FoundText,
  given: FoundText,
  maxTextCharacters: number,
): QuestionInput | PermanentError => {
  const texts = usableTexts([asked, given], maxTextCharacters);
  if (texts instanceof PermanentError) return texts;
  const [question = '', context = ''] = texts;
  return (
    emptyFault(question, `attribute ${asked.attribute.name}`) ??
    emptyFault(context, `attribute ${given.attribute.name}`) ?? { question, context }
  );
};

/**
 * Why a question or context without any character but white space is not answered; undefined where it has one.
 *
 * @param what it is, for the message: `attribute question`
 * @returns PermanentError (`bad-text`)
 */
export const emptyFault = (text: string, what: string): PermanentError | undefined =>
  text.trim() === ''
    ? new PermanentError('bad-text', `${what} is empty; a question and a context are needed`)
    : undefined;

const hashAtAGlance: QuestionTask['hashAtAGlance'] = (item, places) => {
  const [question, context] = placesOf(places).map((place) => stringOf(findText(item, [place]).value));
  return question === undefined || context === undefined ? undefined : contentHash(question, context);
};

const attributesOf: QuestionTask['attributesOf'] = ({ spans: [best], by, listed }, prefix) => {
  if (best === undefined) return [];
  const { label, score, optional } = labelNames(prefix);
  return [
    { name: label, value: { S: best.answer } },
    { name: score, value: { N: scoreText(best.score) } },
    { name: optional.start, value: { N: String(best.start) } },
    { name: optional.end, value: { N: String(best.end) } },
    ...(by === undefined ? [] : [{ name: optional.by, value: { S: by } }]),
    ...(listed === undefined ? [] : [{ name: optional.listed, value: spanList(listed) }]),
  ];
};

/** Spans as a list of maps. */
const spanList = (spans: readonly Span[]): AttributeValue => ({
  L: spans.map(({ answer, score, start, end }) => ({
    M: {
      answer: { S: answer },
      score: { N: scoreText(score) },
      start: { N: String(start) },
      end: { N: String(end) },
    },
  })),
});

/** A span as all doors give it. */
export const plainSpan = ({ answer, score, start, end }: Span): Span => ({
  answer,
  score: roundedScore(score),
  start,
  end,
});

const fieldsOf: QuestionTask['fieldsOf'] = ({ spans: [best], by, listed }) => {
  if (best === undefined) return {};
  return {
    ...plainSpan(best),
    ...(by !== undefined && { by }),
    ...(listed !== undefined && { list: listed.map(plainSpan) }),
  };
};

/** The part of a context that answers a question about it. */
export const questionAnswering = {
  name: 'question-answering',
  textsOf,
  contentOf,
  inputOf,
  inputAbout: (context) => ({ question: 'What is it about?', context }),
  isInput: (value): value is QuestionInput =>
    isObject(value) && typeof value.question === 'string' && typeof value.context === 'string',
  hashAtAGlance,
  outputs: ['start_logits', 'end_logits'],
  isForAnother: (outputs) =>
    outputs.includes('start_logits') && outputs.includes('end_logits')
      ? undefined
      : 'gives no start_logits and end_logits, so it does not answer questions',
  confidenceOf: ({ spans }) => spans[0]?.score ?? 0,
  labelOf: () => undefined,
  prefix: 'answer',
  extras: ['start', 'end', 'by', 'listed'],
  isEmpty: ({ spans }) => spans.length === 0,
  attributesOf,
  jsonOf: ({ spans: [best] }) => ({ ...must(best, 'span') }),
  fields: [
    { name: 'answer', type: 'string' },
    { name: 'score', type: 'number' },
    { name: 'start', type: 'number' },
    { name: 'end', type: 'number' },
    { name: 'by', type: 'string' },
    { name: 'list', type: 'json' },
  ],
  fieldsOf,
} as const satisfies QuestionTask;
