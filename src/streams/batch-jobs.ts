import { type BatchClient, SubmitJobCommand } from '@aws-sdk/client-batch';
import { errorName, must, TransientError } from '../errors.ts';
import type { JobQueue } from '../pipeline/objects/job-queue.ts';

export interface BatchJobsOptions {
  /** Name or ARN. */
  readonly queue: string;
  readonly definition: string;
}

/** The container of the definition. */
const CONTAINER = 'job';

/** The least children of an array job. */
const LEAST_CHILDREN = 2;

/** Jobs on AWS Batch, of one definition. */
export const batchJobs = (client: BatchClient, { queue, definition }: BatchJobsOptions): JobQueue => ({
  submit: async ({ name, settings, children }) => {
    const environment = Object.entries(settings).map(([setting, value]) => ({ name: setting, value }));
    const command = new SubmitJobCommand({
      jobName: name,
      jobQueue: queue,
      jobDefinition: definition,
      ...(children >= LEAST_CHILDREN && { arrayProperties: { size: children } }),
      ecsPropertiesOverride: { taskProperties: [{ containers: [{ name: CONTAINER, environment }] }] },
    });
    try {
      return must((await client.send(command)).jobId, 'jobId of SubmitJob');
    } catch (cause) {
      throw new TransientError(`the job ${name} could not be submitted: ${errorName(cause)}`, { cause });
    }
  },
});
