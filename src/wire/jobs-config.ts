import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { type Environment, read, whole } from './config.ts';
import { RUN_SETTINGS } from './objects-config.ts';

/** What a stopped container has: AWS Batch kills it 120 seconds after SIGTERM. */
const STOP_SECONDS = 100;

const jobEnvironment = RUN_SETTINGS.omit({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: true })
  .extend({
    INPUT: z
      .string()
      .min(1)
      .optional()
      .describe('What is classified: `s3://bucket/prefix`, an object, or a folder or file of this machine.'),
    INPUT_LIST: z
      .string()
      .regex(/^s3:\/\/[^/]+\/./, 'should be s3://bucket/key')
      .optional()
      .describe('Instead: an object that names the objects, `s3://bucket/key` in each line.'),
    NAMING: z
      .enum(['versioned', 'plain'])
      .default('versioned')
      .describe(
        'Whether names of outputs have model and version of the object in them, and are never replaced.',
      ),
    WORKERS: whole(1, 256)
      .optional()
      .describe('Processes that work side by side, each with its own models; without it, one for each CPU.'),
    STOP_SECONDS: whole(0, 3_600)
      .default(STOP_SECONDS)
      .describe('Seconds to finish shards in after SIGTERM; containers of AWS Batch are killed after 120.'),
    AWS_BATCH_JOB_ID: z.string().optional().describe('The job; AWS Batch sets it.'),
    AWS_BATCH_JOB_ARRAY_INDEX: whole(0, 9_999)
      .default(0)
      .describe('Which child of an array job this is; AWS Batch sets it.'),
    AWS_BATCH_JOB_ARRAY_SIZE: whole(1, 10_000)
      .default(1)
      .describe('How many children it has; AWS Batch sets it.'),
  })
  .transform(({ WORKERS, ...rest }) => ({ ...rest, WORKERS: WORKERS ?? availableParallelism() }));

/** The schema of the settings of jobs, for the documentation. */
export const JOB_SETTINGS = jobEnvironment.in;

/** The settings of a job. */
export type JobConfig = Readonly<z.infer<typeof checkedJob>>;

const checkedJob = jobEnvironment
  .refine(({ INPUT, INPUT_LIST }) => (INPUT === undefined) !== (INPUT_LIST === undefined), {
    path: ['INPUT'],
    message: 'one of INPUT and INPUT_LIST is needed, and not both',
  })
  .refine(({ AWS_BATCH_JOB_ARRAY_INDEX: index, AWS_BATCH_JOB_ARRAY_SIZE: size }) => index < size, {
    path: ['AWS_BATCH_JOB_ARRAY_INDEX'],
    message: 'is not below AWS_BATCH_JOB_ARRAY_SIZE',
  });

/** Like `readConfig`, for jobs. */
export const readJobConfig = (env: Environment): JobConfig => read(checkedJob, env);
