import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ModelError } from '../errors.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'should be a sha256 in lower-case hexadecimal');
const fileName = z
  .string()
  .regex(/^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*$/, 'should be a relative path inside the model folder');
const word = z.string().regex(/^[\w.-]+$/, 'should consist of letters, digits, ".", "_" and "-"');

const manifestSchema = z.strictObject({
  name: word,
  version: word,
  format: z.enum(['sklearn']),
  task: z.enum(['text-classification']),
  /** The prefix of the attributes that labels are written to: `label`, `label_score`, `label_model`, `label_hash`. */
  attribute: word.default('label'),
  /** The labels in the order of the score columns. */
  labels: z.array(z.string().min(1)).min(2),
  /** ONNX graphs, each fed with the output of the one before it; the first takes the texts. */
  steps: z.array(z.strictObject({ file: fileName, sha256 })).min(1),
  /** The output of the last step that holds the scores, one row per text. */
  output: z.string().min(1).default('probabilities'),
  /** What makes probabilities of the scores; `none` where they are probabilities already. */
  activation: z.enum(['none', 'softmax', 'sigmoid']).default('none'),
  /** `fold`: runs of white space become one space before the first step, as in scikit-learn's character analyser. */
  whitespace: z.enum(['keep', 'fold']).default('keep'),
  license: z.string().optional(),
  data: z.strictObject({ name: z.string(), source: z.string(), license: z.string() }).optional(),
  metrics: z.record(z.string(), z.number()).optional(),
});

/** What a model folder's `model.json` says. */
export type Manifest = Readonly<z.infer<typeof manifestSchema>>;

export const MANIFEST_FILE = 'model.json';

/**
 * Reads and checks `<folder>/model.json`.
 *
 * @throws ModelError that names the file and lists every fault in it
 */
export const readManifest = (folder: string): Manifest => {
  const file = join(folder, MANIFEST_FILE);
  const parsed = manifestSchema.safeParse(readJson(file));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the file'}: ${message}`,
  );
  throw new ModelError(`${file} is not a model manifest: ${faults.join('; ')}`);
};

/** `name@version` */
export const modelId = ({ name, version }: Pick<Manifest, 'name' | 'version'>): string =>
  `${name}@${version}`;

const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ModelError(
      `${file} could not be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
};
