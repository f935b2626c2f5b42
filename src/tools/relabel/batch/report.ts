import { relabelCost } from '../../costs/relabel-cost.ts';
import type { RelabelReport } from '../report.ts';
import type { StageBatch } from '../../stage/batch/stage-batch.ts';
import { runsPlace, sharedRun } from './run.ts';
import { digestIn } from './submit.ts';

/** What the jobs of a run have done of it so far. */
export interface RelabelJobReport extends RelabelReport {
  /** Segments or files that are done, of all. */
  readonly done: number;
  readonly parts: number;
}

/**
 * The report of the run that a job works on.
 *
 * @param name of the job
 * @returns undefined where its progress is kept no longer
 */
export const relabelJobReport = async (
  { objects, relabel }: Pick<StageBatch, 'objects' | 'relabel'>,
  name: string,
): Promise<RelabelJobReport | undefined> => {
  const digest = digestIn(name);
  if (relabel === undefined || digest === undefined) return undefined;
  const shared = sharedRun(objects, runsPlace(relabel.settings), digest);
  const run = await shared.load();
  if (run?.parts === undefined) return undefined;
  const { counts, consumed, seconds, reasons, done, parts } = await shared.progress(run.parts);
  const { table, model, where, source, store } = run;
  const written = store === 'labels-table' ? 0 : counts.labelled + counts.cleared + counts.rejected;
  return {
    ...{ table, model, where, source, isComplete: done === parts, done, parts },
    ...{ counts, consumed, seconds, reasons, items: [] },
    cost: relabelCost(consumed, written),
    estimate: null,
  };
};
