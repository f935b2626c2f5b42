import { open, rm, stat, writeFile } from 'node:fs/promises';
import { refusalOf, UserError } from '../user-error.ts';

/** Writes a report as JSON, if a file was given. */
export type SaveReport = (report: object) => Promise<void>;

/**
 * Checks that a report can be written, before minutes of work. The file keeps its content until then.
 *
 * @param file of `--report`
 * @throws UserError where it cannot
 */
export const openReport = async (file: string | undefined): Promise<SaveReport> => {
  if (file === undefined) return async () => undefined;
  try {
    const isNew = await stat(file).then(
      () => false,
      () => true,
    );
    await (await open(file, 'a')).close();
    if (isNew) await rm(file);
  } catch (cause) {
    const refusal = refusalOf(cause);
    if (refusal === undefined) throw cause;
    throw new UserError(
      `--report ${file} cannot be written: ${refusal}; name a file in a folder that can be written.`,
      { cause },
    );
  }
  return (report) => writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
};
