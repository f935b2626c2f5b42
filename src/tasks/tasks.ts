import { must } from '../errors.ts';
import { questionAnswering } from './question-answering.ts';
import type { Task } from './task.ts';
import { textClassification } from './text-classification.ts';

/** All tasks. */
export const tasks: readonly Task[] = [textClassification, questionAnswering];

/** The names that `task` in model.json may have. */
export const taskNames = [textClassification.name, questionAnswering.name] as const;

export const taskOf = ({ task }: { readonly task: string }): Task =>
  must(
    tasks.find(({ name }) => name === task),
    `task ${task}`,
  );
