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
 * The columns of the answers in a table: its fields, such as `label` and `score`, then `model` and `error`. One that the
 * table has already gets a number: `label_2`.
 *
 * @param names of the table's columns @param prefix of those that are added
 */
export const addedColumns = (
  { fields }: Pick<Task, 'fields'>,
  names: readonly string[],
  prefix: string,
): readonly AddedColumn[] => {
  const taken = new Set(names);
  const named = (name: string): string => {
    let free = `${prefix}${name}`;
    for (let number = 2; taken.has(free); number += 1) free = `${prefix}${name}_${number}`;
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
