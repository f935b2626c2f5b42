import * as z from 'zod';
import { ConfigError, must } from '../errors.ts';
import { isInS3, modelsLocation } from '../models/sources/s3/layout.ts';
import { LABEL_STORES } from '../stores/label-stores.ts';
import { FORWARD_ARNS, parseForwardTarget } from '../streams/forward/target.ts';
import { type TextAttribute, textAttribute } from '../tasks/item-text.ts';

/** Memory of the function without its models, the most measured: Node.js, ONNX Runtime, the SDK, a batch of 1,000, a load. */
export const BASE_MB = 190;
/** For models, where the function's memory leaves them less. */
export const LEAST_MODEL_MB = 16;

/** A whole number in a range. */
export const whole = (from: number, to: number) => z.coerce.number().int().min(from).max(to);
const names = z.string().transform((list) => list.split(',').map((name) => name.trim()));
/** Names, separated by commas. */
export const list = names.refine(
  (all) => all.every((name) => name !== ''),
  'should be names, separated by commas',
);

/** `text,message.body,textblob:json` → the attributes to look for, in this order, and how each holds its text. */
const textAttributes = list.transform((entries, context): TextAttribute[] =>
  entries.map((entry) => {
    const [, name = entry, encoding = 'plain'] = /^(.+?)(?::(\w*))?$/.exec(entry) ?? [];
    if (encoding !== 'plain' && encoding !== 'json') {
      context.addIssue({ code: 'custom', message: `${entry}: the encoding should be plain or json` });
    }
    return textAttribute(name, encoding === 'json' ? 'json' : 'plain');
  }),
);

const isLocation = (url: string): boolean => {
  try {
    modelsLocation(url);
    return true;
  } catch {
    return false;
  }
};

const onlyOne = textAttributes
  .refine(({ length }) => length === 1, 'should be one attribute')
  .transform(([only]) => must(only, 'attribute'));

const forwardTarget = z.string().transform((arn, context) => {
  const target = parseForwardTarget(arn);
  if (target !== undefined) return target;
  context.addIssue({ code: 'custom', message: `should be ${FORWARD_ARNS}` });
  return z.NEVER;
});

/** What each setting is, in its unit; range and default are those of its schema. docs/parameters.md has them as a table. */
const environment = z.object({
  DOCUMENTS_TABLE: z.string().min(1).describe('The table whose items are labelled.'),
  REJECTS_TABLE: z.string().min(1).describe('The table that rejected records are stored in.'),
  LABEL_STORE: z.enum(LABEL_STORES).default('update-item').describe('Where labels are written.'),
  LABELS_TABLE: z.string().min(1).optional().describe('The table of labels, for `LABEL_STORE=labels-table`.'),
  LABEL_TTL_DAYS: whole(0, 36_500)
    .default(0)
    .describe('Days after which a row of the labels table expires; 0: never.'),
  REJECT_TTL_DAYS: whole(0, 36_500).default(30).describe('Days after which a reject expires; 0: never.'),
  KEY_ATTRIBUTES: list
    .prefault('id')
    .describe(
      'Key attributes in plain JSON records. A single one that is missing is taken from the partition key.',
    ),
  TEXT_ATTRIBUTES: textAttributes
    .prefault('text')
    .describe(
      'The first of these that an item has is its text: a name or a path, `:json` for a JSON string.',
    ),
  TEXT_PAIR_ATTRIBUTE: onlyOne
    .optional()
    .describe('Where the second text of a pair is, for models of text pairs.'),
  QUESTION_ATTRIBUTE: onlyOne
    .prefault('question')
    .describe('Where a question is, for models that answer questions.'),
  CONTEXT_ATTRIBUTE: onlyOne
    .prefault('context')
    .describe('Where the text is in which the answer to a question is looked for.'),
  MODEL: list.describe('The default models, `name` or `name@version`.'),
  MODEL_ATTRIBUTE: z
    .string()
    .min(1)
    .default('model_type')
    .describe('The attribute by which an item names other models.'),
  UNKNOWN_MODEL: z
    .enum(['reject', 'default'])
    .default('reject')
    .describe('What happens to an item that names a model which is not found.'),
  MODEL_MEMORY_MB: whole(1, 10_240)
    .optional()
    .describe(
      `MB for all loaded models; without it, the function's memory less ${BASE_MB}, at least ${LEAST_MODEL_MB}.`,
    ),
  MODELS_DIR: z
    .string()
    .min(1)
    .default('/opt/models')
    .refine((place) => !isInS3(place) || isLocation(place), 'should be s3://BUCKET/PREFIX, or a folder')
    .describe('Where models are: a folder (a layer, EFS, the container image) or `s3://BUCKET/PREFIX`.'),
  MODELS_REFRESH_SECONDS: whole(1, 86_400)
    .default(60)
    .describe('Seconds until a version that is in use in S3 from now on is taken up, between batches.'),
  MODELS_CACHE_DIR: z
    .string()
    .min(1)
    .default('/tmp/models')
    .describe('The folder that models from S3 are fetched into.'),
  MODELS_DISK_MB: whole(1, 1_000_000)
    .default(400)
    .describe('MB of fetched models; the least recently used are deleted, but none that is loaded.'),
  MAX_TEXT_CHARACTERS: whole(1, 400_000)
    .default(100_000)
    .describe('Characters (Unicode code points); longer texts are rejected.'),
  CHUNK_SIZE: whole(1, 10_000)
    .default(100)
    .describe('Texts that are classified and stored between two checks of the remaining time.'),
  WRITE_CONCURRENCY: whole(1, 1_000)
    .default(32)
    .describe('Concurrent `UpdateItem` calls of `LABEL_STORE=update-item`.'),
  FORWARD_TO: forwardTarget
    .optional()
    .describe(
      'The ARN of what labels are forwarded to: an EventBridge bus, SQS queue, SNS topic, Kinesis or Firehose stream or Lambda function.',
    ),
  FORWARD_SOURCE: z
    .string()
    .min(1)
    .default('/labelstream')
    .describe('The `source` of the events that labels are forwarded as.'),
  DEADLINE_MARGIN_MS: whole(0, 60_000)
    .default(2_000)
    .describe("Milliseconds kept back before the function's timeout."),
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: whole(128, 10_240)
    .default(1_769)
    .describe("The function's memory in MB; Lambda sets it."),
});

const checkedEnvironment = environment.refine(
  ({ LABEL_STORE, LABELS_TABLE }) => LABEL_STORE !== 'labels-table' || LABELS_TABLE !== undefined,
  {
    path: ['LABELS_TABLE'],
    message: 'is needed by LABEL_STORE=labels-table',
  },
);

/** The schema of the settings, for the documentation. */
export const SETTINGS = environment;

/** The function's settings, by the names of their environment variables. */
export type Config = Readonly<z.infer<typeof checkedEnvironment>>;

const fanOutEnvironment = environment
  .pick({
    REJECTS_TABLE: true,
    REJECT_TTL_DAYS: true,
    TEXT_ATTRIBUTES: true,
    TEXT_PAIR_ATTRIBUTE: true,
    QUESTION_ATTRIBUTE: true,
    CONTEXT_ATTRIBUTE: true,
    DEADLINE_MARGIN_MS: true,
  })
  .extend({ STREAM_NAME: z.string().min(1).describe('The Kinesis stream that changes are forwarded to.') });

/** The settings of the function that forwards a table's changes to a stream. */
export type FanOutConfig = Readonly<z.infer<typeof fanOutEnvironment>>;

/** `https://example.org` as a browser says it: scheme, host, port where it is not the scheme's own. */
export const isOrigin = (value: string): boolean =>
  value === '*' || (/^https?:[^*]+$/.test(value) && URL.parse(value)?.origin === value);

const predictEnvironment = environment
  .pick({
    MODEL: true,
    MODELS_DIR: true,
    MODELS_REFRESH_SECONDS: true,
    MODELS_CACHE_DIR: true,
    MODELS_DISK_MB: true,
    MODEL_MEMORY_MB: true,
    MAX_TEXT_CHARACTERS: true,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: true,
  })
  .extend({
    MAX_TEXTS: whole(1, 100_000).default(1_000).describe('Texts of a request; more are refused.'),
    MAX_BODY_BYTES: whole(1, 1_000_000_000)
      .default(4_500_000)
      .describe('Bytes of a request body, as sent and decompressed; a larger one is refused.'),
    HTTP_KEY_SHA256: z
      .string()
      .regex(/^[\da-fA-F]{64}$/, 'should be the sha256 of the key, 64 hexadecimal digits')
      .optional()
      .describe(
        'The sha256 of the key that requests bear (`Authorization: Bearer`); none needed without it.',
      ),
    CORS_ORIGINS: list
      .refine((origins) => origins.every(isOrigin), 'should be origins, such as https://example.org, or *')
      .optional()
      .describe('The origins of web pages that may call the API, with commas, or `*`; none without it.'),
    HTTP_PAGE: z
      .enum(['on', 'off'])
      .default('on')
      .describe('Whether `GET /` gives browsers a page to try the models on.'),
  });

/** The schema of the settings of the prediction API, for the documentation. */
export const PREDICT_SETTINGS = predictEnvironment;

/** The settings of the prediction API. */
export type PredictConfig = Readonly<z.infer<typeof predictEnvironment>>;

/** `host:port` or an URL → host and port. */
const endpoint = z.string().transform((value, context) => {
  const url = URL.parse(value.includes('://') ? value : `http://${value}`);
  if (url !== null && url.hostname !== '')
    return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? 80 : Number(url.port) };
  context.addIssue({ code: 'custom', message: 'should be host:port' });
  return z.NEVER;
});

const serverEnvironment = z.object({
  HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('The address to listen on; `0.0.0.0`, all of them, in a container.'),
  PORT: whole(0, 65_535).default(8_080).describe('The port to listen on; 0: any that is free.'),
  AWS_LAMBDA_HTTP_ENDPOINT: endpoint
    .optional()
    .describe('`host:port` to listen on instead; Lambda Web Functions set it.'),
  THREADS: whole(1, 128).default(1).describe('Processes that answer side by side, each with its own models.'),
  RUN_TEXTS: whole(1, 10_000)
    .default(512)
    .describe('The most texts of concurrent requests that share a run of a model.'),
  RUN_MS: whole(1, 10_000)
    .default(20)
    .describe('Milliseconds that a run should take; by the speed of the model, fewer texts share it then.'),
  RUN_WAIT_MS: whole(0, 1_000)
    .default(0)
    .describe('Milliseconds that an idle model waits for more texts; a busy one collects them anyway.'),
  QUEUE_TEXTS: whole(1, 1_000_000)
    .default(4_000)
    .describe('Texts that may wait for a model of a process; more are refused with 429.'),
  QUEUE_REQUESTS: whole(1, 100_000)
    .default(256)
    .describe('Requests that may wait for a model of a process; more are refused with 429.'),
  GRACE_SECONDS: whole(1, 3_600)
    .default(25)
    .describe('Seconds to finish requests in after SIGTERM; containers are killed after 30.'),
  HEADERS_TIMEOUT_SECONDS: whole(1, 3_600).default(10).describe('Seconds for the headers of a request.'),
  REQUEST_TIMEOUT_SECONDS: whole(1, 3_600)
    .default(60)
    .describe('Seconds for a request to arrive, body included.'),
  KEEP_ALIVE_SECONDS: whole(1, 3_600)
    .default(75)
    .describe(
      'Seconds that a connection stays open without a request; longer than the load balancer keeps it (60).',
    ),
  MAX_HEADER_BYTES: whole(1_024, 1_000_000)
    .default(16_384)
    .describe('Bytes of the request line and the headers.'),
});

/** The settings of the server, for the documentation. */
export const SERVER_SETTINGS = serverEnvironment;

/** The settings of the server. */
export type ServerConfig = Readonly<z.infer<typeof serverEnvironment>>;

/**
 * Reads the settings; an empty variable counts as unset.
 *
 * @throws ConfigError that lists all faults together
 */
export const readConfig = (env: Environment): Config => read(checkedEnvironment, env);

/** Like `readConfig`, for the fan-out function. */
export const readFanOutConfig = (env: Environment): FanOutConfig => read(fanOutEnvironment, env);

/** Like `readConfig`, for the prediction API. */
export const readPredictConfig = (env: Environment): PredictConfig => read(predictEnvironment, env);

/** Like `readConfig`, for the server, beside those of the prediction API. */
export const readServerConfig = (env: Environment): ServerConfig => read(serverEnvironment, env);

/** Where a server listens. */
export const addressOf = ({ AWS_LAMBDA_HTTP_ENDPOINT: given, HOST, PORT }: ServerConfig) =>
  given ?? { host: HOST, port: PORT };

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads settings by their schema. @throws ConfigError that lists all faults together */
export const read = <Settings>(schema: z.ZodType<Settings>, env: Environment): Settings => {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new ConfigError(`invalid environment variables:\n${faults.join('\n')}`);
};
