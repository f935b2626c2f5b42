import type { Answer } from './model.ts';
import type { Task } from './task.ts';

/** An answer, or why there is none. */
export type Answered = Answer | { readonly error: unknown };

/** The label and the score of each answer; errors have none. */
export const scoredAnswers = (
  answers: readonly Answered[],
  { labelOf, confidenceOf }: Pick<Task, 'labelOf' | 'confidenceOf'>,
): readonly { readonly label: string | undefined; readonly score: number }[] =>
  answers.flatMap((answer) =>
    'error' in answer ? [] : [{ label: labelOf(answer), score: confidenceOf(answer) }],
  );
