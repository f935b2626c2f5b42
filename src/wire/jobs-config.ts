import * as z from 'zod';
import { type Environment, read } from './config.ts';
import { RUN_SETTINGS } from './objects-config.ts';
import { PROCESS_SETTINGS } from './process-config.ts';

/** The schema of the settings of jobs over objects, for the documentation. */
export const JOB_SETTINGS = RUN_SETTINGS.omit({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: true }).extend({
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
  ...PROCESS_SETTINGS.shape,
});

const checkedJob = JOB_SETTINGS.refine(
  ({ INPUT, INPUT_LIST }) => (INPUT === undefined) !== (INPUT_LIST === undefined),
  { path: ['INPUT'], message: 'one of INPUT and INPUT_LIST is needed, and not both' },
);

/** The settings of a job over objects. */
export type JobConfig = Readonly<z.infer<typeof checkedJob>>;

/** Like `readConfig`, for jobs over objects. */
export const readJobConfig = (env: Environment): JobConfig => read(checkedJob, env);
