import type { AnswerField, Task } from '../../../tasks/task.ts';
import type { LineResult } from './format.ts';

/** A column that a table gets. */
export interface AddedColumn {
  readonly name: string;
  readonly type: AnswerField['type'];
  /** Undefined where there is none. */
  readonly valueOf: (result: LineResult) => unknown;
}

/**
 * The columns of the answers in a table: `prediction_label`, `prediction_score`, … `prediction_model`,
 * `prediction_error`. One that the table has already gets a number: `prediction_label_2`.
 */
export const addedColumns = (
  { fields }: Pick<Task, 'fields'>,
  names: readonly string[],
): readonly AddedColumn[] => {
  const taken = new Set(names);
  const named = (name: string): string => {
    let free = `prediction_${name}`;
    for (let number = 2; taken.has(free); number += 1) free = `prediction_${name}_${number}`;
    return free;
  };
  const ofAnswer = fields.map(({ name, type }): AddedColumn => ({
    name: named(name),
    type,
    valueOf: (result) => ('error' in result ? undefined : result.fields[name]),
  }));
  return [
    ...ofAnswer,
    {
      name: named('model'),
      type: 'string',
      valueOf: (result) => ('error' in result ? undefined : result.model),
    },
    {
      name: named('error'),
      type: 'string',
      valueOf: (result) => ('error' in result ? `${result.error.code}: ${result.error.message}` : undefined),
    },
  ];
};
