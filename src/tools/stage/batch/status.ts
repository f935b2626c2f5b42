import { DescribeJobsCommand, type JobDetail, ListJobsCommand, type JobStatus } from '@aws-sdk/client-batch';
import pMap from 'p-map';
import { ObjectError } from '../../../errors.ts';
import { planKey, readPlan } from '../../../jobs/shared-plan.ts';
import { manifestName } from '../../../pipeline/objects/names.ts';
import type { ObjectRun, OutputSettings } from '../../../pipeline/objects/run.ts';
import { UserError } from '../../user-error.ts';
import { settingsIn, type StageBatch } from './stage-batch.ts';

/** A job, with what it has done. */
export interface JobState {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly reason: string | undefined;
  /** Of an array job: how many are in each state. */
  readonly children: Readonly<Record<string, number>>;
  readonly startedAt: Date | undefined;
  readonly stoppedAt: Date | undefined;
  /** Whether it relabels the table; it has no objects then. */
  readonly isRelabel: boolean;
  /** Undefined until it is planned. */
  readonly runs: RunProgress | undefined;
}

export interface RunProgress {
  /** Objects, each with each of its models, that were not done before. */
  readonly planned: number;
  /** Those that have a manifest. */
  readonly finished: number;
  readonly shards: number;
  /** Objects that cannot be worked on. */
  readonly faults: number;
}

const CONCURRENCY = 32;

/** @throws UserError where there is no such job */
export const jobState = async (batch: StageBatch, id: string): Promise<JobState> => {
  const { jobs: [job] = [] } = await batch.client.send(new DescribeJobsCommand({ jobs: [id] }));
  if (job === undefined)
    throw new UserError(`There is no job ${id}: AWS Batch forgets jobs a week after they have ended.`);
  const { arrayProperties, jobDefinition = '', startedAt, stoppedAt } = job;
  const isRelabel = jobDefinition.includes(`/${batch.names.relabelDefinition}:`);
  const counts = Object.entries(arrayProperties?.statusSummary ?? {}).filter(([, count]) => count > 0);
  return {
    id,
    name: job.jobName ?? id,
    status: job.status ?? 'UNKNOWN',
    reason: job.statusReason,
    children: Object.fromEntries(counts),
    startedAt: startedAt === undefined ? undefined : new Date(startedAt),
    stoppedAt: stoppedAt === undefined ? undefined : new Date(stoppedAt),
    isRelabel,
    runs: isRelabel ? undefined : await progressOf(batch, id, outputOf(batch, job)),
  };
};

/** Where the job writes, by its own settings or those that all jobs have. */
const outputOf = ({ settings }: StageBatch, { ecsProperties }: JobDetail): OutputSettings => {
  const own = settingsIn(ecsProperties?.taskProperties?.[0]?.containers?.[0]?.environment);
  const { OUTPUT_BUCKET = '', OUTPUT_PREFIX = '' } = { ...settings, ...own };
  return { bucket: OUTPUT_BUCKET, prefix: OUTPUT_PREFIX, naming: 'versioned' };
};

const progressOf = async (
  { objects }: StageBatch,
  id: string,
  output: OutputSettings,
): Promise<RunProgress | undefined> => {
  const plan = await readPlan(objects, { bucket: output.bucket, key: planKey(output.prefix, id) });
  if (plan === undefined) return undefined;
  const runs = [...new Map(plan.tasks.map(({ run }) => [run.id, run])).values()];
  const isFinished = (run: ObjectRun): Promise<boolean> =>
    objects.head(manifestName(run, output)).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ObjectError && error.code === 'not-found') return false;
        throw error;
      },
    );
  const finished = await pMap(runs, isFinished, { concurrency: CONCURRENCY });
  return {
    planned: runs.length,
    finished: finished.filter(Boolean).length,
    shards: plan.tasks.length,
    faults: plan.faults.length,
  };
};

/** A job as lists have it. */
export interface ListedJob {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly createdAt: Date;
}

const STATES: readonly JobStatus[] = [
  'SUBMITTED',
  'PENDING',
  'RUNNABLE',
  'STARTING',
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
];

/** The jobs of the stage, the newest first: those of the last week. */
export const listJobs = async ({ client, names }: StageBatch): Promise<readonly ListedJob[]> => {
  const listed: ListedJob[] = [];
  for (const jobStatus of STATES) {
    let nextToken: string | undefined;
    do {
      const page = await client.send(new ListJobsCommand({ jobQueue: names.queue, jobStatus, nextToken }));
      for (const {
        jobId = '',
        jobName: name = '',
        status = jobStatus,
        createdAt = 0,
      } of page.jobSummaryList ?? [])
        listed.push({ id: jobId, name, status, createdAt: new Date(createdAt) });
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }
  return listed.toSorted((one, other) => other.createdAt.getTime() - one.createdAt.getTime());
};
