import * as z from 'zod';
import { type Environment, list, read, SETTINGS, whole } from './config.ts';

/** The kinds of files of records. */
export const OBJECT_FORMATS = ['jsonl', 'csv', 'tsv', 'text', 'parquet', 'dynamodb-export'] as const;

const runEnvironment = SETTINGS.pick({
  MODEL: true,
  MODELS_DIR: true,
  MODELS_REFRESH_SECONDS: true,
  MODELS_CACHE_DIR: true,
  MODELS_DISK_MB: true,
  MODEL_MEMORY_MB: true,
  MODEL_ATTRIBUTE: true,
  UNKNOWN_MODEL: true,
  TEXT_ATTRIBUTES: true,
  TEXT_PAIR_ATTRIBUTE: true,
  QUESTION_ATTRIBUTE: true,
  CONTEXT_ATTRIBUTE: true,
  MAX_TEXT_CHARACTERS: true,
  CHUNK_SIZE: true,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: true,
}).extend({
  OUTPUT_BUCKET: z.string().min(1).describe('The bucket that outputs and manifests are written to.'),
  OUTPUT_PREFIX: z.string().optional().describe('What their keys begin with.'),
  OBJECT_FORMAT: z
    .enum(OBJECT_FORMATS)
    .optional()
    .describe("What objects are; without it, each is what its key's suffix says."),
  ID_ATTRIBUTES: list
    .prefault('recordId,custom_id,id,_id')
    .describe("The first of these that a line has is its id in the output; else it is the line's number."),
  JOIN: z
    .enum(['on', 'off'])
    .default('off')
    .describe("Whether lines of the output have the input's fields as well; rows of tables always have."),
  SHARD_MB: whole(1, 4_096).default(8).describe('MB of a large object that are a shard.'),
  MAX_LINE_MB: whole(1, 64).default(16).describe('MB of a line; a longer one is an error in the output.'),
});

/** The settings of a run over objects, of any door. */
export type RunConfig = Readonly<z.infer<typeof runEnvironment>>;

const objectsEnvironment = runEnvironment.extend({
  ...SETTINGS.pick({ DEADLINE_MARGIN_MS: true }).shape,
  QUEUE_URL: z
    .string()
    .min(1)
    .describe('The queue that messages come from; shards of objects are sent to it.'),
  MAX_OBJECT_MB: whole(1, 1_000_000)
    .default(16)
    .describe('MB of an object, or of its share, that an invocation works on; larger ones get a manifest.'),
});

/** The schema of the settings of the door for objects, for the documentation. */
export const OBJECTS_SETTINGS = objectsEnvironment;

/** The settings of a run over objects, for doors that add theirs. */
export const RUN_SETTINGS = runEnvironment;

/** The settings of the door for objects. */
export type ObjectsConfig = Readonly<z.infer<typeof objectsEnvironment>>;

/** Like `readConfig`, for the door for objects. */
export const readObjectsConfig = (env: Environment): ObjectsConfig => read(objectsEnvironment, env);
