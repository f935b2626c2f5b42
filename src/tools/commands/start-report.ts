import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import openInBrowser from 'open';
import { openLivePage } from '../report/live-page.ts';
import { openReport, type ReportFiles, type Reported } from '../report/report-file.ts';
import type { Section } from '../report/section.ts';
import { ROOT } from './root.ts';

const TITLE = 'npm start';

/** Where the report of `npm start` goes: into files, and onto a live page. */
export interface StartReport {
  /** From now on there is something to show. @param read the section of what there is, `under way` or `interrupted` */
  watch(read: (state: string) => Section): void;
  save<Report extends Reported>(report: Report): Promise<void>;
  /** Writes what there is until now, where there is anything. */
  interrupt(): Promise<void>;
}

/**
 * Checks that the files can be written, and opens the live page, if it is asked for, in a browser.
 *
 * @param options `open`: a page that follows the run, and is a file at its end: `.build/start.html`, unless `html` says
 *   another
 * @throws UserError where a file cannot be written
 */
export const openStartReport = async ({
  report,
  html,
  open = false,
}: ReportFiles & { readonly open?: boolean | undefined }): Promise<StartReport> => {
  const file = html ?? (open ? join(ROOT, '.build', 'start.html') : undefined);
  const save = await openReport({ report, html: file }, TITLE);
  const live = open ? await openLivePage(TITLE) : undefined;
  if (live !== undefined) {
    console.error(`The ingest is shown at ${live.url}`);
    await showInBrowser(live.url);
  }
  let soFar: ((state: string) => Section) | undefined;
  return {
    watch: (read) => {
      soFar = read;
      live?.show(() => [read('under way')]);
    },
    save: async (found) => {
      soFar = undefined;
      await save(found);
      if (live === undefined || file === undefined) return;
      console.error(`The page is in ${relative(process.cwd(), file)}.`);
      await live.end(await readFile(file, 'utf8'));
    },
    interrupt: async () => {
      if (soFar === undefined || (report ?? file) === undefined) return;
      await save({ interrupted: true, sections: [soFar('interrupted')] });
      console.error(
        `The figures until now are in ${[report, file].filter((one) => one !== undefined).join(' and ')}.`,
      );
    },
  };
};

/** Nothing happens where there is no browser, or BROWSER=none: the address is printed. */
const showInBrowser = async (url: string): Promise<void> => {
  if (process.env.BROWSER === 'none') return;
  try {
    (await openInBrowser(url)).on('error', () => undefined);
  } catch {
    // The reader can open it.
  }
};
