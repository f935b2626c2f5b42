import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ModelError } from '../../errors.ts';

/** A golden example: a text and the model's expected answer. */
export interface Example {
  readonly text: string;
  readonly label: string;
  readonly score: number;
}

/** What a model says of an example: a label with its score, or the code of an error. */
export type Said = { readonly label: string; readonly score: number } | { readonly error: string };

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

const schema = z
  .array(z.strictObject({ text: z.string(), label: z.string().min(1), score: z.number().min(0).max(1) }))
  .min(1);

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
    return schema.parse(JSON.parse(content));
  } catch (cause) {
    const faults =
      cause instanceof z.ZodError
        ? cause.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`).join('; ')
        : 'it is not JSON';
    throw new ModelError(`${file} is no list of examples: ${faults}`, { cause });
  }
};

/** @returns the examples with another answer: another label, or a score that differs by more */
export const mismatches = (examples: readonly Example[], said: readonly Said[]): readonly Mismatch[] =>
  examples.flatMap(({ label, score }, index) => {
    const answer = said[index] ?? { error: 'no answer' };
    const isRight =
      'label' in answer && answer.label === label && Math.abs(answer.score - score) <= SCORE_TOLERANCE;
    if (isRight) return [];
    const found = 'error' in answer ? answer.error : `${answer.label} ${answer.score.toFixed(6)}`;
    return [{ index, expected: `${label} ${score.toFixed(6)}`, found }];
  });

/** The message about mismatches. */
export const mismatchText = (id: string, examples: readonly Example[], found: readonly Mismatch[]): string =>
  [
    `${id}: ${found.length} of ${examples.length} examples are not as expected:`,
    ...mismatchLines(found),
  ].join('\n');

export const mismatchLines = (found: readonly Mismatch[]): readonly string[] =>
  found.map((one) => `  example ${one.index + 1}: expected ${one.expected}, found ${one.found}`);
