import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ModelError } from '../../errors.ts';
import { checkedFile } from './checked-file.ts';
import { CONFIG_FILE, TOKENIZER_CONFIG_FILE } from './folder-format.ts';

const count = z.int().min(0);

/** The fields of Hugging Face's config.json that are used. */
const config = z.looseObject({
  model_type: z.string().optional(),
  architectures: z.array(z.string()).nullish(),
  id2label: z.record(z.string().regex(/^\d+$/, 'should be an index'), z.string()).nullish(),
  problem_type: z.string().nullish(),
  max_position_embeddings: count.nullish(),
  n_positions: count.nullish(),
  type_vocab_size: count.nullish(),
  pad_token_id: count.nullish(),
});

const side = z.enum(['left', 'right']).default('right');

/** The fields of tokenizer_config.json that are used. */
const tokenizerConfig = z.looseObject({
  model_max_length: z.number().positive().nullish(),
  pad_token: z.union([z.string(), z.looseObject({ content: z.string() })]).nullish(),
  padding_side: side,
  truncation_side: side,
});

export type Config = z.infer<typeof config>;
export type TokenizerConfig = z.infer<typeof tokenizerConfig>;

/** Digests of a folder's files, as far as its manifest has them. */
export type Digests = Readonly<Record<string, string>>;

/** @throws ModelError that names the file and every fault in it */
export const readConfig = (folder: string, digests: Digests): Config =>
  read(folder, CONFIG_FILE, config, digests);

/** @throws ModelError that names the file and every fault in it */
export const readTokenizerConfig = (folder: string, digests: Digests): TokenizerConfig =>
  read(folder, TOKENIZER_CONFIG_FILE, tokenizerConfig, digests);

/** The architectures that config.json names; none where it is missing or at fault, which is told when it is loaded. */
export const architecturesIn = (folder: string): readonly string[] => {
  try {
    return readConfig(folder, {}).architectures ?? [];
  } catch (error) {
    if (error instanceof ModelError) return [];
    throw error;
  }
};

/** A JSON file of the folder; an empty object where it is missing. */
const read = <Schema extends z.ZodType>(
  folder: string,
  name: string,
  schema: Schema,
  digests: Digests,
): z.infer<Schema> => {
  const file = join(folder, name);
  const isThere = existsSync(file) || digests[name] !== undefined;
  const parsed = schema.safeParse(isThere ? parseJson(file, checkedFile(file, digests[name])) : {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the file'}: ${message}`,
  );
  throw new ModelError(`${file} is not as Hugging Face writes it: ${faults.join('; ')}`);
};

/** @throws ModelError that names the file */
export const parseJson = (file: string, content: Buffer): unknown => {
  try {
    return JSON.parse(content.toString());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelError(`${file} could not be read as JSON: ${reason}`, { cause });
  }
};
