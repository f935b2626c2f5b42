import { must } from '../errors.ts';
import type { Model } from './model.ts';
import { questionAnswering } from './question-answering.ts';
import type { Task } from './task.ts';
import { textClassification } from './text-classification.ts';

/** All tasks. */
export const tasks: readonly Task[] = [textClassification, questionAnswering];

/** The names that `task` in model.json may have. */
export const taskNames = [textClassification.name, questionAnswering.name] as const;

/** The task of a model. */
export const taskOf = ({ task }: { readonly task: string }): Task =>
  must(
    tasks.find(({ name }) => name === task),
    `task ${task}`,
  );

/** All tasks, this one first. */
export const tasksFrom = (first: Task): readonly Task[] => [first, ...tasks.filter((task) => task !== first)];

/** Which two models do different tasks; undefined where all do the same. */
export const differenceOf = ([first, ...others]: readonly Model[]): string | undefined => {
  const other = others.find(({ task }) => task !== first?.task);
  return first === undefined || other === undefined
    ? undefined
    : `${first.id} is for ${first.task}, ${other.id} for ${other.task}`;
};
