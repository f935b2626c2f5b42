import { must } from '../../errors.ts';
import { httpQuestionAnswering } from './question-answering.ts';
import type { HttpTask } from './task.ts';
import { httpTextClassification } from './text-classification.ts';

/** All tasks that are answered over HTTP. */
export const httpTasks: readonly HttpTask[] = [httpTextClassification, httpQuestionAnswering];

/** The task of a model. */
export const httpTaskOf = ({ task }: { readonly task?: string | undefined }): HttpTask =>
  must(
    httpTasks.find(({ name }) => name === task),
    `task ${task}`,
  );
