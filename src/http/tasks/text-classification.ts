import * as z from 'zod';
import { must, PermanentError } from '../../errors.ts';
import { textFault } from '../../tasks/item-text.ts';
import { type Label, type LabelAnswer, ranked } from '../../tasks/label-scores.ts';
import { roundedScore } from '../../tasks/scores.ts';
import { labelsOf, textClassification, type TextInput } from '../../tasks/text-classification.ts';
import { invalid } from '../problem.ts';
import { checked } from '../checked.ts';
import type { HttpTask, InputLimits } from './task.ts';

const pair = z
  .strictObject({ text: z.string(), text_pair: z.string().optional() })
  .meta({ description: 'A text, or a pair of texts for a model of pairs.' });

const input = z
  .union([z.string(), pair])
  .meta({ id: 'TextInput', description: 'A text, or a pair of texts.' });

const parameters = z
  .strictObject({
    top_k: z
      .int()
      .min(1)
      .nullable()
      .optional()
      .describe(
        "How many labels to give, most probable first; `null`: all. The model's own number if left out.",
      ),
    function_to_apply: z
      .enum(['none', 'softmax', 'sigmoid'])
      .nullable()
      .optional()
      .describe("The function that turns the model's scores into probabilities, instead of its own."),
    truncation: z.literal(true).optional().describe('Texts are always truncated to what the model takes.'),
  })
  .meta({ id: 'TextClassificationParameters' });

type Parameters = z.infer<typeof parameters>;

const label = z
  .object({ label: z.string(), score: z.number().describe('The probability of the label, from 0 to 1.') })
  .meta({ id: 'Label' });

const output = z.array(label).meta({ id: 'Labels', description: 'Labels of a text, most probable first.' });

const faultOf = (text: string, { characters }: InputLimits): PermanentError | undefined =>
  textFault(text, 'the text', characters);

const inputOf = (value: unknown, limits: InputLimits, pointer: string): TextInput | PermanentError => {
  if (typeof value === 'string') return faultOf(value, limits) ?? value;
  if (typeof value !== 'object' || value === null)
    throw invalid(pointer, 'should be a text, or an object with text and text_pair');
  if ('question' in value)
    throw invalid(pointer, 'is a question, and the model classifies texts; name one for question-answering');
  const { text, text_pair: textPair } = checked(pair, value, pointer);
  const fault = faultOf(text, limits) ?? (textPair === undefined ? undefined : faultOf(textPair, limits));
  return fault ?? (textPair === undefined ? text : { text, textPair });
};

/** The labels that a request asks for. @returns an error where the function does not apply to the scores */
const asked = (
  answer: LabelAnswer,
  { top_k: topK, function_to_apply: apply }: Parameters,
): readonly Label[] | PermanentError => {
  const { labels } = answer;
  // What a model says by itself is at hand; the hot path ranks nothing.
  if ((apply ?? undefined) === undefined && (topK === undefined || (topK !== null && topK <= labels.length)))
    return topK === undefined ? labels : labels.slice(0, topK);
  const { values, labels: names, activation, kind } = must(answer.scores, 'scores of the labels');
  if (apply && apply !== activation && kind === 'probabilities')
    return new PermanentError(
      'bad-shape',
      `function_to_apply: ${apply} does not apply, because the model gives probabilities, not logits; leave it out`,
    );
  const all = ranked(values, names, apply ?? activation);
  return topK === null ? all : all.slice(0, topK ?? labels.length);
};

/** A label for a text, or for a pair of texts. */
export const httpTextClassification: HttpTask<TextInput, Parameters> = {
  name: textClassification.name,
  input,
  fields: ['text', 'text_pair'],
  inputOf,
  pairOf: (text, textPair) => ({ text, text_pair: textPair }),
  parameters,
  teiParameters: (isRaw) => ({ top_k: null, ...(isRaw && { function_to_apply: 'none' }) }),
  output,
  jsonOf: (answer, given) => {
    const labels = asked(labelsOf(answer), given);
    if (labels instanceof PermanentError) return labels;
    return labels.map(({ label: name, score }) => ({ label: name, score: roundedScore(score) }));
  },
  single: (json) => [json],
  columnsOf: (json) => (json as readonly Label[]).flatMap(({ label: name, score }) => [name, score]),
};
