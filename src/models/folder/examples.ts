import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ModelError } from '../../errors.ts';
import { isObject } from '../../dynamodb-json/attributes.ts';
import type { Input } from '../../tasks/model.ts';

/** A golden example: an input and the model's expected answer. */
export type Example = TextExample | QuestionExample;
export type TextExample = Readonly<z.infer<typeof textExample>>;
export type QuestionExample = Readonly<z.infer<typeof questionExample>>;

/** What a model says of an example, or the code of an error. */
export type Said =
  | { readonly label: string; readonly score: number }
  | { readonly answer: string; readonly start: number; readonly end: number; readonly score: number }
  | { readonly error: string };

/** An example with another answer than expected. Texts are not quoted: `index` counts from 0. */
export interface Mismatch {
  readonly index: number;
  readonly expected: string;
  readonly found: string;
}

export const EXAMPLES_FILE = 'examples.json';

/**
 * How far a score may be from the expected one. Sums of floats depend on the order in which a CPU's vector units add,
 * and int8 models on how it rounds: between x86-64 with and without VNNI and Arm they differ by less than this, a wrong
 * file or a wrong preprocessor by more.
 */
export const SCORE_TOLERANCE = 1e-3;

const probability = z.number().min(0).max(1);

/** A text and its label. */
const textExample = z.strictObject({ text: z.string(), label: z.string().min(1), score: probability });

/** A question about a context and its answer; `start` and `end` in Unicode code points. */
const questionExample = z.strictObject({
  question: z.string().min(1),
  context: z.string().min(1),
  answer: z.string(),
  start: z.int().min(0),
  end: z.int().min(0),
  score: probability,
});

const textExamples = z.array(textExample).min(1);
const questionExamples = z.array(questionExample).min(1);

/** All examples of a model are of its task; the first tells which. */
const schemaOf = (content: unknown) =>
  Array.isArray(content) && isObject(content[0]) && 'question' in content[0]
    ? questionExamples
    : textExamples;

/** The input of an example, as its model gets it. */
export const inputOf = (example: Example): Input =>
  'text' in example ? example.text : { question: example.question, context: example.context };

export const hasExamples = (folder: string): boolean => existsSync(join(folder, EXAMPLES_FILE));

/**
 * Reads `<folder>/examples.json`.
 * @throws ModelError that names the file, where it is missing or not a list of examples
 */
export const readExamples = (folder: string): readonly Example[] => {
  const file = join(folder, EXAMPLES_FILE);
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ModelError(
      `${file} cannot be read: it should list the answers that are expected for some texts`,
      {
        cause,
      },
    );
  }
  try {
    const json: unknown = JSON.parse(content);
    return schemaOf(json).parse(json);
  } catch (cause) {
    const faults =
      cause instanceof z.ZodError
        ? cause.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`).join('; ')
        : 'it is not JSON';
    throw new ModelError(`${file} is no list of examples: ${faults}`, { cause });
  }
};

/** @returns the examples with another answer: another label or span, or a score that differs by more */
export const mismatches = (examples: readonly Example[], said: readonly Said[]): readonly Mismatch[] =>
  examples.flatMap((example, index) => {
    const answer = said[index] ?? { error: 'no answer' };
    const isRight =
      !('error' in answer) &&
      saidText(answer) === saidText(example) &&
      Math.abs(answer.score - example.score) <= SCORE_TOLERANCE;
    return isRight ? [] : [{ index, expected: scored(example), found: scored(answer) }];
  });

/** The label, or the place of the answer, whose text is not quoted; the same only for the same answer. */
const saidText = (said: Exclude<Said, { error: unknown }>): string =>
  'label' in said ? said.label : `${said.start}–${said.end}`;

const scored = (said: Said): string =>
  'error' in said ? said.error : `${saidText(said)} ${said.score.toFixed(6)}`;

/** The message about mismatches. */
export const mismatchText = (id: string, examples: readonly Example[], found: readonly Mismatch[]): string =>
  [
    `${id}: ${found.length} of ${examples.length} examples are not as expected:`,
    ...mismatchLines(found),
  ].join('\n');

export const mismatchLines = (found: readonly Mismatch[]): readonly string[] =>
  found.map((one) => `  example ${one.index + 1}: expected ${one.expected}, found ${one.found}`);
