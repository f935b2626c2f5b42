import { childrenFor, jobName, MOST_CHILDREN } from '../../../pipeline/objects/job-queue.ts';
import { parseS3Url, type Place } from '../../../stores/objects/place.ts';
import { readExportManifest } from '../../../stores/table-export/manifest.ts';
import type { StageBatch } from '../../stage/batch/stage-batch.ts';
import { listJobs } from '../../stage/batch/status.ts';
import { UserError } from '../../user-error.ts';
import { type Prepared, prepareRelabel, type PrepareOptions } from '../prepare.ts';
import { FailedExport, finishedExport, startExport } from '../start-export.ts';
import type { RelabelTarget } from '../target.ts';
import { runDigest, runsPlace, type SharedProgress, type SharedRun, sharedRun } from './run.ts';

export interface SubmitOptions extends PrepareOptions {
  /** An export to read, or a new one; the table itself unless given. */
  readonly from: { readonly export: string } | { readonly isNew: true; readonly place?: string } | undefined;
  /** How many share the job; by the size of the table, unless given. */
  readonly children: number | undefined;
  /** MB of the table that one of them has. */
  readonly jobMB: number;
  /** Receives what is waited for. */
  readonly onWait: (what: string) => void;
  readonly signal: AbortSignal;
}

export interface SubmittedRelabel {
  readonly job: string;
  readonly children: number;
  readonly parts: number;
  readonly limits: Prepared['limits'];
  /** What earlier jobs have done of it. */
  readonly before: SharedProgress | undefined;
}

/** States of jobs that have ended. */
const ENDED = ['SUCCEEDED', 'FAILED'];

/**
 * Submits a job that relabels the table of a stage. What an earlier one has left undone it goes on with; where all is
 * done, it begins anew.
 *
 * @param root the project's folder
 * @throws UserError where nothing is submitted
 */
export const submitRelabel = async (
  root: string,
  target: RelabelTarget,
  batch: StageBatch,
  options: SubmitOptions,
): Promise<SubmittedRelabel> => {
  const { relabel, objects: store } = batch;
  if (relabel === undefined)
    throw new UserError(
      'The stage has no jobs that relabel yet: deploy it again with --param="batch=fargate".',
    );
  const place = runsPlace(relabel.settings);
  const from = sourceOf(options.from, place);
  const prepared = await prepareRelabel(root, target, options);
  const { id: model, table, limits } = prepared;
  const { where } = options;
  const source = from === undefined ? 'scan' : `${from.isNew ? 'new ' : ''}export ${urlOf(from.place)}`;
  const digest = runDigest({ table: table.arn, model, where, source }, table.id);
  await refuseSecond(batch, digest);
  const run = sharedRun(store, place, digest);

  const { run: earlier, progress: before } = await unfinished(run);
  let state: SharedRun = {
    ...{ table: target.config.DOCUMENTS_TABLE, model, where, source, store: target.config.LABEL_STORE },
    ...earlier,
  };
  let exported = from?.place;
  if (from?.isNew === true) {
    const exportArn = state.exportArn ?? (await startExport(target.dynamodb, table.arn, from.place));
    state = { ...state, exportArn };
    await run.save(state);
    options.onWait(`the export ${exportArn}: the same command goes on waiting`);
    exported = await finishedExport(target.dynamodb, exportArn, options.signal).catch(
      async (error: unknown) => {
        // Another run starts another one.
        if (error instanceof FailedExport) await run.save({ ...state, exportArn: undefined });
        throw error;
      },
    );
  }
  const files = exported && (await readExportManifest(store, exported, table.arn)).length;
  const wanted = options.children ?? childrenFor(table.bytes, options.jobMB * 2 ** 20);
  const parts = files ?? state.parts ?? wanted * Number(relabel.settings.WORKERS ?? 1);
  const children = Math.max(1, Math.min(wanted, parts, MOST_CHILDREN));
  await run.save({ ...state, parts });
  const job = await relabel.jobs.submit({
    name: nameOf(target.config.DOCUMENTS_TABLE, digest),
    children,
    settings: {
      ...{
        MODEL: model,
        KEY_ATTRIBUTES: table.keys.join(','),
        RELABEL_WHERE: where,
        RELABEL_PROGRESS: run.url,
      },
      ...(exported === undefined ? { RELABEL_SEGMENTS: String(parts) } : { RELABEL_EXPORT: urlOf(exported) }),
      RELABEL_READ_UNITS: unitsOf(limits.read),
      RELABEL_WRITE_UNITS: unitsOf(limits.write),
    },
  });
  return { job, children, parts, limits, before };
};

/** Such as 2.5, half of 5 that are provisioned. */
const unitsOf = (units: number): string => String(Math.max(1, Math.floor(units)));

const urlOf = ({ bucket, key }: Place): string => `s3://${bucket}/${key}`;

/** The export to read or to make: its place is where the role of the jobs may read. */
const sourceOf = (
  from: SubmitOptions['from'],
  { bucket, key }: Place,
): { readonly place: Place; readonly isNew: boolean } | undefined => {
  if (from === undefined) return undefined;
  const isNew = 'isNew' in from;
  const written = isNew ? (from.place ?? urlOf({ bucket, key: `${key}exports` })) : from.export;
  const place = parseS3Url(written);
  if (place?.bucket === bucket && place.key.startsWith(key)) return { place, isNew };
  throw new UserError(
    `${written}: jobs may read exports below ${urlOf({ bucket, key })} only. Copy it there, or relabel without --batch.`,
  );
};

/** The digest ends the name of a job, by which its run is found. */
const nameOf = (table: string, digest: string): string =>
  `${jobName(`relabel-${table}`).slice(0, 128 - digest.length - 1)}-${digest}`;

/** The digest of the run of a job. @param name of the job */
export const digestIn = (name: string): string | undefined => /-([0-9a-f]{16})$/.exec(name)?.[1];

const refuseSecond = async (batch: StageBatch, digest: string): Promise<void> => {
  const running = (await listJobs(batch)).find(
    ({ name, status }) => digestIn(name) === digest && !ENDED.includes(status),
  );
  if (running === undefined) return;
  throw new UserError(
    `Job ${running.id} (${running.status}) does this already: npm run batch -- status ${running.id}.`,
  );
};

/** What is left of a run; one that is done is removed. */
const unfinished = async (
  run: ReturnType<typeof sharedRun>,
): Promise<{ readonly run?: SharedRun; readonly progress: SharedProgress | undefined }> => {
  const earlier = await run.load();
  if (earlier?.parts === undefined) return { ...(earlier && { run: earlier }), progress: undefined };
  const progress = await run.progress(earlier.parts);
  if (progress.done < progress.parts) return { run: earlier, progress };
  await run.remove(earlier.parts);
  return { progress: undefined };
};
