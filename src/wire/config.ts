import { z } from 'zod';
import { ConfigError } from '../errors.ts';
import { LABEL_STORES } from '../stores/label-stores.ts';
import { type TextAttribute, textAttribute } from '../tasks/item-text.ts';

const whole = (from: number, to: number) => z.coerce.number().int().min(from).max(to);
const names = z.string().transform((list) => list.split(',').map((name) => name.trim()));
const list = names.refine((all) => all.every((name) => name !== ''), 'should be names, separated by commas');

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

const onlyOne = textAttributes
  .refine(({ length }) => length === 1, 'should be one attribute')
  .transform(([only]) => only);

const environment = z.object({
  DOCUMENTS_TABLE: z.string().min(1),
  REJECTS_TABLE: z.string().min(1),
  LABEL_STORE: z.enum(LABEL_STORES).default('update-item'),
  LABELS_TABLE: z.string().min(1).optional(),
  LABEL_TTL_DAYS: whole(0, 36_500).default(0),
  REJECT_TTL_DAYS: whole(0, 36_500).default(30),
  KEY_ATTRIBUTES: list.default(['id']),
  TEXT_ATTRIBUTES: textAttributes.default([textAttribute('text')]),
  TEXT_PAIR_ATTRIBUTE: onlyOne.optional(),
  MODEL: list,
  MODEL_ATTRIBUTE: z.string().min(1).default('model_type'),
  UNKNOWN_MODEL: z.enum(['reject', 'default']).default('reject'),
  MODEL_MEMORY_MB: whole(1, 10_240).optional(),
  MODELS_DIR: z.string().min(1).default('/opt/models'),
  MAX_TEXT_CHARACTERS: whole(1, 400_000).default(100_000),
  CHUNK_SIZE: whole(1, 10_000).default(100),
  WRITE_CONCURRENCY: whole(1, 1_000).default(32),
  DEADLINE_MARGIN_MS: whole(0, 60_000).default(2_000),
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: whole(128, 10_240).default(1_769),
});

const checkedEnvironment = environment.refine(
  ({ LABEL_STORE, LABELS_TABLE }) => LABEL_STORE !== 'labels-table' || LABELS_TABLE !== undefined,
  {
    path: ['LABELS_TABLE'],
    message: 'is needed by LABEL_STORE=labels-table',
  },
);

/** The function's settings, by the names of their environment variables. */
export type Config = Readonly<z.infer<typeof checkedEnvironment>>;

const fanOutEnvironment = environment
  .pick({
    REJECTS_TABLE: true,
    REJECT_TTL_DAYS: true,
    TEXT_ATTRIBUTES: true,
    TEXT_PAIR_ATTRIBUTE: true,
    DEADLINE_MARGIN_MS: true,
  })
  .extend({ STREAM_NAME: z.string().min(1) });

/** The settings of the function that forwards a table's changes to a stream. */
export type FanOutConfig = Readonly<z.infer<typeof fanOutEnvironment>>;

/**
 * Reads the settings; an empty variable counts as unset.
 *
 * @throws ConfigError that lists every fault at once
 */
export const readConfig = (env: Environment): Config => read(checkedEnvironment, env);

/** Like `readConfig`, for the fan-out function. */
export const readFanOutConfig = (env: Environment): FanOutConfig => read(fanOutEnvironment, env);

type Environment = Readonly<Record<string, string | undefined>>;

const read = <Settings>(schema: z.ZodType<Settings>, env: Environment): Settings => {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new ConfigError(`the function's environment is not usable:\n${faults.join('\n')}`);
};
