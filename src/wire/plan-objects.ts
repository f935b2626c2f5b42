import { BatchClient } from '@aws-sdk/client-batch';
import * as z from 'zod';
import type { PlanObjectsParts } from '../pipeline/objects/submit-objects.ts';
import { batchJobs } from '../streams/batch-jobs.ts';
import { read, whole } from './config.ts';

const planEnvironment = z.object({
  JOB_QUEUE: z.string().min(1).describe('The queue of AWS Batch that jobs are submitted to.'),
  JOB_DEFINITION: z.string().min(1).describe('The definition of these jobs.'),
  JOB_MB: whole(1, 100_000).default(256).describe('MB of an object that one child of an array job has.'),
});

/** The schema of the settings of the function that plans jobs, for the documentation. */
export const PLAN_SETTINGS = planEnvironment;

/**
 * Builds the adapters of the function that plans jobs, once, at module load.
 *
 * @throws ConfigError, which fails the function's init
 */
export const wirePlanObjects = (env: NodeJS.ProcessEnv = process.env): PlanObjectsParts => {
  const config = read(planEnvironment, env);
  const client = new BatchClient({ maxAttempts: 8 });
  return {
    jobs: batchJobs(client, { queue: config.JOB_QUEUE, definition: config.JOB_DEFINITION }),
    bytesOfChild: config.JOB_MB * 2 ** 20,
  };
};
