import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { ModelError } from '../../errors.ts';
import type { Model } from '../../tasks/model.ts';
import { formatOf, hasManifest, MANIFEST_FILE } from './folder-format.ts';
import { namedFile, nameFault } from './named-file.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'should be a sha256 in lower-case hexadecimal');
const fileName = z.string().refine((name) => nameFault(name) === undefined, {
  error: ({ input }) => `should be a relative path inside the model folder, but ${nameFault(String(input))}`,
});
/** Files may have any name: `files['constructor']` has to be undefined. */
const withoutInherited = (digests: Record<string, string>): Readonly<Record<string, string>> =>
  Object.assign(Object.create(null) as Record<string, string>, digests);
const word = z.string().regex(/^[\w.-]+$/, 'should consist of letters, digits, ".", "_" and "-"');
const reference = z.string().regex(/^[\w.-]+(@[\w.-]+)?$/, 'should be a "name" or a "name@version"');
const probability = z.number().min(0).max(1);
const activation = z.enum(['none', 'softmax', 'sigmoid']);

/** What every format has. Name and version are those of the path `<name>/<version>` where left out. */
const common = {
  name: word,
  version: word,
  /** The prefix of the attributes that labels are written to: `label`, `label_score`, `label_model`, `label_hash`. */
  attribute: word.default('label'),
  license: z.string().optional(),
  data: z.strictObject({ name: z.string(), source: z.string(), license: z.string() }).optional(),
  metrics: z.record(z.string(), z.number()).optional(),
};

/** What becomes of the scores of one text. */
const answers = {
  /** How many labels to give, most probable first; `null`: all. One, or those that pass the threshold, if left out. */
  topK: z.int().min(1).nullable().optional(),
  /** Labels as probable as this are listed. */
  threshold: probability.optional(),
};

const checkedFile = z.strictObject({ file: fileName, sha256 });

const sklearn = z.strictObject({
  ...common,
  format: z.literal('sklearn'),
  task: z.literal('text-classification'),
  /** The labels in the order of the score columns. */
  labels: z.array(z.string().min(1)).min(2),
  /** ONNX graphs, each fed with the output of the one before it; the first takes the texts, or counts. */
  steps: z.array(checkedFile).min(1),
  /** CountVectorizers, whose counts the first graph takes instead of the texts: side by side, in this order. */
  vectorizers: z.array(checkedFile).min(1).optional(),
  /** The output of the last step that holds the scores, one row per text. */
  output: z.string().min(1).default('probabilities'),
  /** What makes probabilities of the scores; `none` where they are probabilities already. */
  activation: activation.default('none'),
  ...answers,
  /** `fold`: runs of white space become one space before the first step, as in scikit-learn's character analyser. */
  whitespace: z.enum(['keep', 'fold']).default('keep'),
  /** The most texts of a run: 1 where the graph gives a text other last digits beside other texts. */
  limits: z.strictObject({ maxItems: z.int().min(1) }).optional(),
});

/** A folder as Optimum exports it; what is left out here is told by its other files (transformer-settings.ts). */
const transformer = z.strictObject({
  ...common,
  format: z.literal('transformer'),
  task: z.literal('text-classification').default('text-classification'),
  /** The ONNX graph, or one per CPU architecture as Node.js names it. */
  graph: z.union([fileName, z.strictObject({ x64: fileName, arm64: fileName }).partial()]).optional(),
  /** Digests of files: one that is listed is checked before it is used. */
  files: z.record(fileName, sha256).default({}).transform(withoutInherited),
  /** The labels in the order of the score columns. */
  labels: z.array(z.string().min(1)).min(1).optional(),
  /** The output that holds the scores, one row per text. */
  output: z.string().min(1).optional(),
  /** What makes probabilities of the scores (`function_to_apply` in Hugging Face's pipelines). */
  activation: activation.optional(),
  ...answers,
  /** The most tokens of a text, special ones included. */
  maxLength: z.int().min(1).optional(),
  /** How much one run may take: padded tokens, texts, tokens of padding beside a text. */
  limits: z
    .strictObject({ maxTokens: z.int().min(1), maxItems: z.int().min(1), maxPadding: z.int().min(0) })
    .partial()
    .default({}),
});

/** Models asked in turn: a stage's answer stands where its probability reaches the threshold; the last one's always. */
const cascade = z
  .strictObject({
    ...common,
    format: z.literal('cascade'),
    task: z.literal('text-classification').default('text-classification'),
    labels: z.array(z.string().min(1)).min(1).optional(),
    stages: z.array(z.strictObject({ model: reference, threshold: probability.optional() })).min(2),
  })
  .superRefine(({ name, version, stages }, { addIssue }) => {
    for (const [index, { model, threshold }] of stages.entries()) {
      const fault = (field: string, message: string) =>
        addIssue({ code: 'custom', path: ['stages', index, field], message });
      const isLast = index === stages.length - 1;
      if (isLast && threshold !== undefined)
        fault('threshold', 'the last stage answers always; leave it out');
      if (!isLast && threshold === undefined) fault('threshold', 'every stage but the last needs one');
      if (model === name || model === `${name}@${version}`) fault('model', 'is the cascade itself');
    }
  });

const manifestSchema = z.discriminatedUnion('format', [sklearn, transformer, cascade]);

export type SklearnManifest = Readonly<z.infer<typeof sklearn>>;
export type TransformerManifest = Readonly<z.infer<typeof transformer>>;
export type CascadeManifest = Readonly<z.infer<typeof cascade>>;

/** What a model folder's `model.json` says, and its path where that leaves something out. */
export type Manifest = SklearnManifest | TransformerManifest | CascadeManifest;

/**
 * Reads and checks `<folder>/model.json`, which a `transformer` may do without.
 *
 * @throws ModelError that names the file and lists every fault in it
 */
export const readManifest = (folder: string): Manifest => {
  const file = join(folder, namedFile(folder, MANIFEST_FILE, { by: folder }));
  const path = resolve(folder);
  const said = hasManifest(folder) ? readJson(file) : {};
  const known = { name: basename(dirname(path)), version: basename(path), format: formatOf(folder, said) };
  const parsed = manifestSchema.safeParse(isObject(said) ? { ...known, ...said } : said);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`,
  );
  throw new ModelError(`${file} is not a model manifest: ${faults.join('; ')}`);
};

/** What others need to know of a model. */
export const toModel = ({ manifest }: { readonly manifest: Manifest }): Model => ({
  id: modelId(manifest),
  attribute: manifest.attribute,
});

/** `name@version` */
export const modelId = ({ name, version }: Pick<Manifest, 'name' | 'version'>): string =>
  `${name}@${version}`;

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

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
