import * as z from 'zod';
import { isObject } from '../../dynamodb-json/attributes.ts';
import { must, type PermanentError } from '../../errors.ts';
import { textFault } from '../../tasks/item-text.ts';
import {
  emptyFault,
  plainSpan,
  questionAnswering,
  type QuestionInput,
  type Span,
  type SpanSettings,
  spansOf,
  type WindowSettings,
} from '../../tasks/question-answering.ts';
import { checked } from '../checked.ts';
import { invalid } from '../problem.ts';
import type { HttpTask, InputLimits } from './task.ts';

const input = z.strictObject({ question: z.string(), context: z.string() }).meta({
  id: 'QuestionInput',
  description: 'A question, and the context in which its answer is looked for.',
});

/** Those of Hugging Face's pipeline, and one of ours: `scores`. */
const parameters = z
  .strictObject({
    top_k: z.int().min(1).max(1_000).nullable().optional().describe('How many answers to give, best first.'),
    max_answer_len: z.int().min(1).nullable().optional().describe('The most tokens of an answer.'),
    handle_impossible_answer: z
      .boolean()
      .nullable()
      .optional()
      .describe('Whether "no answer", an empty one, is among the answers.'),
    align_to_words: z.boolean().nullable().optional().describe('Whether answers are widened to whole words.'),
    doc_stride: z
      .int()
      .min(0)
      .nullable()
      .optional()
      .describe('The tokens that two windows of a long context in a row share.'),
    max_seq_len: z
      .int()
      .min(1)
      .nullable()
      .optional()
      .describe('The most tokens of a window, the question included; at most what the model takes.'),
    max_question_len: z
      .int()
      .min(1)
      .nullable()
      .optional()
      .describe('Has no effect: questions are never truncated.'),
    scores: z
      .enum(['contexts', 'windows'])
      .nullable()
      .optional()
      .describe(
        "`contexts`: the best answers of all windows, which share their probability. `windows`: as Hugging Face's pipeline, by the probabilities within a window.",
      ),
  })
  .meta({ id: 'QuestionAnsweringParameters' });

type Parameters = z.infer<typeof parameters>;

const output = z
  .object({
    answer: z.string().describe('The part of the context from `start` to `end`.'),
    score: z.number().describe('The probability of the answer, from 0 to 1.'),
    start: z.int().describe('In characters (Unicode code points) of the context, counted from 0.'),
    end: z.int().describe('The character after the last one.'),
  })
  .meta({ id: 'QuestionAnswer', description: 'An answer to a question.' });

const outputs = z.union([output, z.array(output)]).meta({
  id: 'QuestionAnswers',
  description: 'The best answer; with a `top_k` above 1 a list, best first.',
});

const SHAPE = 'should be an object with question and context: the model answers questions';

const inputOf = (value: unknown, { characters }: InputLimits, pointer: string) => {
  if (!isObject(value) || !('question' in value)) throw invalid(pointer, SHAPE);
  const { question, context } = checked(input, value, pointer);
  return (
    faultOf(question, 'the question', characters) ??
    faultOf(context, 'the context', characters) ?? { question, context }
  );
};

const faultOf = (text: string, what: string, characters: number): PermanentError | undefined =>
  emptyFault(text, what) ?? textFault(text, what, characters);

/** `null` is what the model has by itself. */
const given = <Value>(value: Value | null | undefined): Value | undefined => value ?? undefined;

const windowsOf = ({ max_seq_len: length, doc_stride: stride }: Parameters): WindowSettings | undefined => {
  const windows = { maxLength: given(length), stride: given(stride) };
  return windows.maxLength === undefined && windows.stride === undefined ? undefined : windows;
};

/** Only what was given, so that the rest is the model's own. */
const settingsOf = (asked: Parameters): SpanSettings =>
  Object.fromEntries(
    Object.entries({
      topK: given(asked.top_k),
      maxAnswerLength: given(asked.max_answer_len),
      handleImpossible: given(asked.handle_impossible_answer),
      alignToWords: given(asked.align_to_words),
      scores: given(asked.scores),
    }).filter(([, value]) => value !== undefined),
  );

/** The part of a context that answers a question about it. */
export const httpQuestionAnswering: HttpTask<QuestionInput, Parameters> = {
  name: questionAnswering.name,
  input,
  fields: ['question', 'context'],
  inputOf,
  asked: (one, parameters) => {
    const windows = windowsOf(parameters);
    return windows === undefined ? one : { ...one, windows };
  },
  pairOf: (question, context) => ({ question, context }),
  parameters,
  teiParameters: () => ({}),
  output: outputs,
  jsonOf: (answer, parameters) => {
    const { spans, spansBy } = spansOf(answer);
    const settings = settingsOf(parameters);
    const all = Object.keys(settings).length === 0 ? spans : must(spansBy, 'scores of the spans')(settings);
    const plain = all.map(plainSpan);
    return plain.length === 1 ? plain[0] : plain;
  },
  single: (json) => json,
  columnsOf: (json) =>
    [json as Span | readonly Span[]]
      .flat()
      .flatMap(({ answer, score, start, end }) => [answer, score, start, end]),
};
