import { addedColumns } from './added-columns.ts';
import { FaultError, type ReadObjectSettings, type Source } from './format.ts';
import { neededNames } from './json-record.ts';
import { type AddedToFile, addedToFile } from './parquet-added.ts';
import { missingTexts } from './needed-texts.ts';
import type { ParquetFile } from './parquet-file.ts';

/** Which columns are read, copied and added. */
export interface ColumnPlan {
  readonly needed: readonly string[];
  /** The column of the ids. */
  readonly id: string | undefined;
  readonly copied: readonly string[];
  readonly added: AddedToFile;
}

/** @throws FaultError (`missing-column`) */
export const planOf = (
  { head }: Source,
  { columns }: ParquetFile,
  settings: ReadObjectSettings,
): ColumnPlan => {
  const names = columns.map(({ element }) => element.name);
  const { idAttributes, join, whole = false, task } = settings;
  const missing = missingTexts(
    task,
    settings,
    ({ name, path }) => names.includes(name) || names.includes(String(path[0])),
  );
  if (missing !== undefined)
    throw new FaultError(
      'missing-column',
      `${head.key} has no column ${missing}; its columns are ${names.join(', ')}`,
    );
  const id = idAttributes.find((name) => names.includes(name));
  const copied = join ? names : id === undefined ? [] : [id];
  return {
    needed: whole ? names : neededNames(settings, [task]).filter((name) => names.includes(name)),
    id,
    copied,
    added: addedToFile(
      addedColumns(task, copied, join ? 'prediction_' : ''),
      join || id !== undefined ? undefined : 'recordId',
    ),
  };
};
