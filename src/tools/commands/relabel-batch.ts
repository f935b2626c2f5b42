import { ObjectError, TransientError } from '../../errors.ts';
import type { Where } from '../../pipeline/relabel/survey.ts';
import { submitRelabel, type SubmitOptions } from '../relabel/batch/submit.ts';
import type { RelabelTarget } from '../relabel/target.ts';
import { defaultParameters } from '../serverless-yml/default-parameters.ts';
import { openStageBatch } from '../stage/batch/stage-batch.ts';
import { UserError } from '../user-error.ts';
import { ROOT } from './root.ts';
import { STATUS } from './run.ts';

/** Options of `npm run relabel` with `--batch`. */
export interface BatchChoices {
  readonly stage?: string;
  readonly region?: string;
  readonly where: Where;
  readonly children?: number;
  readonly export?: string;
  readonly fromExport?: string | true;
  readonly readUnits?: number;
  readonly writeUnits?: number;
  readonly dryRun: boolean;
  readonly verify: boolean;
  readonly report?: string;
}

/** Results go to standard output, all other messages to standard error. */
const log = (line: string): void => console.error(line);

/** @throws UserError that names the options which do not go together */
export const requireBatchChoices = ({ stage, dryRun, report }: BatchChoices): void => {
  if (stage === undefined)
    throw new UserError('--batch is for a deployed stage, which has jobs on AWS Batch: give --stage.');
  if (dryRun) throw new UserError('--dry-run looks at the table from here: leave --batch away.');
  if (report !== undefined)
    throw new UserError(
      `The job is only submitted now: npm run batch -- status <job> --stage ${stage} --json has its report.`,
    );
};

/** Submits a job that relabels the table of a stage, and does not wait for it. @throws UserError */
export const relabelByBatch = async (
  target: RelabelTarget,
  choices: BatchChoices,
  signal: AbortSignal,
): Promise<number> => {
  const { stage = '', where, verify, children, readUnits: read, writeUnits: write } = choices;
  const batch = await openStageBatch({ root: ROOT, stage, region: choices.region });
  try {
    const { batchJobMB } = await defaultParameters(ROOT);
    const submitted = await submitRelabel(ROOT, target, batch, {
      ...{ where, verify, children, signal, jobMB: Number(batchJobMB), limits: { read, write } },
      from: fromOf(choices),
      onWait: (what) => log(`Waiting for ${what}.`),
    });
    const { job, parts, limits, before } = submitted;
    if (before !== undefined)
      log(`${before.counts.examined} items are examined by an earlier job: going on.`);
    console.log(job);
    log(`${parts} parts of the table, shared by ${submitted.children} of AWS Batch`);
    log(`at most ${limits.read} read units and ${limits.write} write units a second, all together`);
    log(`See what becomes of it: npm run batch -- status ${job} --stage ${stage}`);
    return STATUS.fine;
  } catch (cause) {
    const isExplained = cause instanceof ObjectError || cause instanceof TransientError;
    throw isExplained ? new UserError(cause.message, { cause }) : cause;
  } finally {
    batch.close();
  }
};

const fromOf = ({ export: existing, fromExport }: BatchChoices): SubmitOptions['from'] => {
  if (existing !== undefined) return { export: existing };
  if (fromExport === undefined) return undefined;
  return fromExport === true ? { isNew: true } : { isNew: true, place: fromExport };
};
