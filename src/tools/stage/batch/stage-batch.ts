import { BatchClient, DescribeJobDefinitionsCommand, DescribeJobQueuesCommand } from '@aws-sdk/client-batch';
import { S3Client } from '@aws-sdk/client-s3';
import type { JobQueue } from '../../../pipeline/objects/job-queue.ts';
import type { ObjectStore } from '../../../pipeline/objects/object-store.ts';
import { s3Objects } from '../../../stores/objects/s3.ts';
import { batchJobs } from '../../../streams/batch-jobs.ts';
import { batchNames, type BatchNames } from '../../serverless-yml/names.ts';
import { UserError } from '../../user-error.ts';
import { openStage, placeOf, type StageOptions } from '../stage.ts';

/** The jobs of a stage on AWS Batch. */
export interface StageBatch {
  readonly names: BatchNames;
  readonly client: BatchClient;
  readonly jobs: JobQueue;
  readonly objects: ObjectStore;
  /** The settings of all jobs, which each may override. */
  readonly settings: Readonly<Record<string, string>>;
  /** The jobs that relabel the table; undefined where the stage was deployed before there were any. */
  readonly relabel: Pick<StageBatch, 'jobs' | 'settings'> | undefined;
  /** Account, region and stage. */
  readonly place: string;
  close(): void;
}

/**
 * Opens the jobs of a stage, on AWS or at `AWS_ENDPOINT_URL`.
 *
 * @throws UserError where the stage has none
 */
export const openStageBatch = async (options: StageOptions): Promise<StageBatch> => {
  const names = await batchNames(options.root, options.stage);
  const stage = await openStage(options);
  const client = stage.client((settings) => new BatchClient(settings));
  const env = options.environment ?? process.env;
  const isElsewhere = Boolean(env.AWS_ENDPOINT_URL_S3) || Boolean(env.AWS_ENDPOINT_URL);
  const s3 = stage.client((settings) => new S3Client({ ...settings, forcePathStyle: isElsewhere }));
  try {
    const { jobQueues: [queue] = [] } = await client.send(
      new DescribeJobQueuesCommand({ jobQueues: [names.queue] }),
    );
    const settings = await definedSettings(client, names.definition);
    const relabel = await definedSettings(client, names.relabelDefinition);
    if (queue?.jobQueueArn === undefined || settings === undefined)
      throw new UserError(
        `Stage ${options.stage} has no jobs in ${stage.region}: deploy it with --param="batch=fargate".`,
      );
    return {
      ...{ names, client },
      jobs: batchJobs(client, names),
      objects: s3Objects(s3),
      settings,
      relabel: relabel && {
        jobs: batchJobs(client, { queue: names.queue, definition: names.relabelDefinition }),
        settings: relabel,
      },
      place: placeOf(stage, queue.jobQueueArn),
      close: stage.close,
    };
  } catch (error) {
    stage.close();
    throw error;
  }
};

/** The settings in the newest version of a definition; undefined where there is none. */
const definedSettings = async (
  client: BatchClient,
  jobDefinitionName: string,
): Promise<Readonly<Record<string, string>> | undefined> => {
  const { jobDefinitions = [] } = await client.send(
    new DescribeJobDefinitionsCommand({ jobDefinitionName, status: 'ACTIVE' }),
  );
  const newest = jobDefinitions.toSorted((one, other) => (other.revision ?? 0) - (one.revision ?? 0))[0];
  return newest && settingsIn(newest.ecsProperties?.taskProperties?.[0]?.containers?.[0]?.environment);
};

/** Environment variables, by their names. */
export const settingsIn = (
  environment: readonly { readonly name?: string | undefined; readonly value?: string | undefined }[] = [],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    environment.flatMap(({ name, value }) => (name === undefined ? [] : [[name, value ?? '']])),
  );
