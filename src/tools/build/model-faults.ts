import { sep } from 'node:path';
import { ModelError } from '../../errors.ts';
import type { ModelFault } from '../../models/folder/model-folder.ts';

/** A line for each, with its cause. */
const lines = (faults: readonly ModelFault[]): readonly string[] =>
  faults.map(({ id, error }) => `  ${id}: ${shortened(error.message)}`);

/** Paths as the user would write them. */
const shortened = (message: string): string => message.replaceAll(process.cwd() + sep, '');

/** The warning about models that are not default models and cannot be used. */
export const leftOut = (faults: readonly ModelFault[]): string =>
  ['Left out, because they cannot be used:', ...lines(faults)].join('\n');

/** @throws ModelError that lists all faults, and how to leave the models out, where there are any */
export const refuseFaults = (faults: readonly ModelFault[]): void => {
  const [first] = faults;
  if (first === undefined) return;
  const which = faults.length === 1 ? 'A model' : `${faults.length} models`;
  throw new ModelError(
    [
      `${which} in models/ cannot be used:`,
      ...lines(faults),
      'Fix what is wrong, or move the folder out of models/ to leave the model out.',
    ].join('\n'),
    { cause: first.error },
  );
};
