import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { type Environment, read, whole } from './config.ts';

/** What a stopped container has: AWS Batch kills it 120 seconds after SIGTERM. */
const STOP_SECONDS = 100;

/** The settings of jobs of every kind. */
export const PROCESS_SETTINGS = z.object({
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
});

const checkedProcess = PROCESS_SETTINGS.refine(
  ({ AWS_BATCH_JOB_ARRAY_INDEX: index, AWS_BATCH_JOB_ARRAY_SIZE: size }) => index < size,
  { path: ['AWS_BATCH_JOB_ARRAY_INDEX'], message: 'is not below AWS_BATCH_JOB_ARRAY_SIZE' },
).transform(({ WORKERS, ...rest }) => ({ ...rest, WORKERS: WORKERS ?? availableParallelism() }));

/** How a job is run: its processes, and its share of an array job. */
export type ProcessConfig = Readonly<z.infer<typeof checkedProcess>>;

/** Like `readConfig`, for what runs jobs. */
export const readProcessConfig = (env: Environment): ProcessConfig => read(checkedProcess, env);
