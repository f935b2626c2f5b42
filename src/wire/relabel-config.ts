import * as z from 'zod';
import { WHERE } from '../pipeline/relabel/survey.ts';
import { type Environment, read, whole } from './config.ts';

const units = whole(1, 1_000_000).optional();

/** The schema of the settings of the job `relabel`, beside those of the function that labels the table. */
export const RELABEL_SETTINGS = z.object({
  RELABEL_WHERE: z
    .enum(WHERE)
    .default('all')
    .describe('Items whose label is stale, those without one, or both.'),
  RELABEL_PROGRESS: z
    .string()
    .min(1)
    .describe('Where its progress is kept, for it to go on there: `s3://bucket/prefix/`, or a folder.'),
  RELABEL_EXPORT: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The export to read, `s3://bucket/prefix/AWSDynamoDB/<id>/` or a folder; without it the table is scanned.',
    ),
  RELABEL_SEGMENTS: whole(1, 1_000_000).default(16).describe('Parts of the table, for the scan.'),
  RELABEL_READ_UNITS: units.describe(
    'Read capacity units a second, of all its processes together; without it, no limit.',
  ),
  RELABEL_WRITE_UNITS: units.describe(
    'Write capacity units a second, of all its processes together; without it, no limit.',
  ),
});

/** The settings of the job `relabel`. */
export type RelabelConfig = Readonly<z.infer<typeof RELABEL_SETTINGS>>;

/** Like `readConfig`, for the job `relabel`. */
export const readRelabelConfig = (env: Environment): RelabelConfig => read(RELABEL_SETTINGS, env);
