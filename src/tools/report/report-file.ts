import { open, rm, stat, writeFile } from 'node:fs/promises';
import { refusalOf, UserError } from '../user-error.ts';
import { reportPage } from './html/page.ts';
import type { Section } from './section.ts';

/** A command's report. */
export interface Reported {
  readonly sections: readonly Section[];
}

/** Writes a report to the files that were asked for. */
export type SaveReport = <Report extends Reported>(report: Report) => Promise<void>;

export interface ReportFiles {
  /** Of `--report`: JSON. */
  readonly report?: string | undefined;
  /** Of `--html`: a page. */
  readonly html?: string | undefined;
}

/**
 * Checks that a report can be written, before minutes of work. The files keep their content until then.
 *
 * @param title of the page
 * @throws UserError where one of them cannot
 */
export const openReport = async ({ report, html }: ReportFiles, title: string): Promise<SaveReport> => {
  await checkWritable('--report', report);
  await checkWritable('--html', html);
  return async (found) => {
    if (report !== undefined) await writeFile(report, `${JSON.stringify(found, null, 2)}\n`);
    if (html !== undefined)
      await writeFile(html, reportPage({ title, sections: found.sections, at: new Date() }));
  };
};

const checkWritable = async (option: string, file: string | undefined): Promise<void> => {
  if (file === undefined) return;
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
      `${option} ${file} cannot be written: ${refusal}; name a file in a folder that can be written.`,
      { cause },
    );
  }
};
