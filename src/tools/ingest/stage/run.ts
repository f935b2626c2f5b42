import { relative } from 'node:path';
import { ingestIntoStage, type StageIngestOptions } from './ingest-into-stage.ts';
import { stageFaultOf, type StageReport, stageSection, unfinishedStageSection } from './stage-report.ts';
import type { Section } from '../../report/section.ts';
import { figuresText } from '../../report/terminal.ts';
import { UserError } from '../../user-error.ts';

/** Why options of `npm start` cannot be combined with a deployed stage. */
const DECIDED_BY_STAGE: Readonly<Record<string, string>> = {
  model: 'the stage decides, by "npm run model -- use" or the parameter model.',
  store: 'the stage decides, by the parameter labelStore.',
  batchSize: 'the stage decides, by the parameter batchSize.',
  window: 'the stage decides, by the parameter window.',
  shards: 'the stage decides, by the parameter shards.',
  concurrency: 'the stage decides, by the parameter parallelizationFactor.',
  memory: 'the stage decides, by the parameter memory.',
  questionColumn: 'an ingest into a stage is of texts.',
  contextColumn: 'an ingest into a stage is of texts.',
  chaos: 'it runs against the embedded emulators only.',
};

export interface StageRunOptions extends Omit<StageIngestOptions, 'onStart' | 'onProgress'> {
  readonly quiet: boolean;
  /** Whether messages that the function rejects are no fault. */
  readonly allowRejects: boolean;
}

/** The progress bar. */
interface Bar {
  start(total: number, value: number, payload: object): void;
  update(value: number, payload: object): void;
  stop(): void;
}

const dashed = (option: string): string =>
  option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** @param given names of the options on the command line @throws UserError where a stage decides one of them */
export const checkStageOptions = (given: readonly string[]): void => {
  for (const option of given) {
    const why = DECIDED_BY_STAGE[option];
    if (why !== undefined) throw new UserError(`--${dashed(option)} does not go with --stage: ${why}`);
  }
};

/**
 * `npm start -- --stage`: an ingest into a stage with a progress bar and a report.
 *
 * The caller ends the process on a signal.
 *
 * @param watch gets a function that reads how far it is
 * @returns the report, and the faults in it
 */
export const runStageIngest = async (
  root: string,
  options: StageRunOptions,
  bar: Bar,
  watch: (read: (state: string) => Section) => void,
): Promise<{
  readonly report: StageReport & { readonly sections: readonly Section[] };
  readonly fault: string | undefined;
}> => {
  const { quiet, allowRejects, ...ingest } = options;
  const { stage } = ingest;
  let total = 0;
  let written = 0;
  let hint = '';
  // Unfinished writes are repeated by the next run, under the same keys.
  const interrupted = (): void => {
    bar.stop();
    console.error(`Interrupted: ${written} of ${total} are written. ${hint}`);
  };
  try {
    const report = await ingestIntoStage(root, {
      ...ingest,
      onStart: (start) => {
        total = start.records;
        written = start.written;
        hint = `The same command goes on from there (${relative(process.cwd(), start.progressFile)}).`;
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.prependOnceListener(signal, interrupted);
        console.error(start.place);
        if (written > 0)
          console.error(`${written} of ${total} are written by an earlier run: going on from there.`);
        watch((state) => unfinishedStageSection(stage, total, start.timeline(), state));
        if (!quiet) bar.start(total, 0, { produced: written });
      },
      onProgress: ({ produced, done }) => {
        written = produced;
        if (!quiet) bar.update(done, { produced });
      },
    });
    bar.stop();
    const section = stageSection(report);
    if (!quiet) console.log(figuresText(section));
    return { report: { ...report, sections: [section] }, fault: stageFaultOf(report, { allowRejects }) };
  } catch (error) {
    if (total > 0 && error instanceof UserError) {
      throw new UserError(`${error.message}\n${written} of ${total} are written. ${hint}`, { cause: error });
    }
    throw error;
  } finally {
    bar.stop();
  }
};
