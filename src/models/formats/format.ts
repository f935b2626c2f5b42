import { join } from 'node:path';
import * as z from 'zod';
import { ModelError } from '../../errors.ts';
import { MANIFEST_FILE } from '../folder/folder-format.ts';
import { type CommonManifest, modelId, type ModelFolder } from '../folder/model-folder.ts';
import { namedFile, nameFault } from '../folder/named-file.ts';
import type { BatchLimits } from '../inference/batches.ts';
import type { LoadedModel, OtherModels } from '../loaded-model.ts';

/** Everything about a model format: a new format is a file with such an object, and a line in formats.ts. */
export interface Format<Manifest extends CommonManifest = CommonManifest> {
  /** The value of `format` in model.json. */
  readonly name: string;
  readonly schema: z.ZodType<Manifest>;
  /** Whether a folder without `format` in its manifest is of this format. @param content model.json, or `{}` */
  looksLike(folder: string, content: object): boolean;
  /** The task that a folder says it is for, where its manifest names none; undefined where it does not say. */
  taskIn?(folder: string): string | undefined;
  /** The files that a manifest names. */
  filesOf(manifest: Manifest): readonly string[];
  /** @throws ModelError */
  load(model: ModelFolder, options: LoadOptions, others: OtherModels): Promise<LoadedModel>;
  /** The memory of the model, in bytes: see `memoryOf`. @throws ModelError where the folder has no graph */
  bytes(model: ModelFolder<Manifest>): number;
  /** What the folder says of the model. @throws ModelError where its files are at fault */
  details(model: ModelFolder<Manifest>): ModelDetails;
  /** The files of a folder to deploy. @param cpu as `process.arch` names it @throws ModelError */
  filesToShip(model: ModelFolder<Manifest>, cpu: string): Shipment<Manifest>;
}

/** What can be known of a model without loading it. */
export interface ModelDetails {
  /** Those of a cascade are its stages'. */
  readonly labels?: readonly string[] | undefined;
  /** The most tokens of a text, for a model that truncates; of a window, for one that divides. */
  readonly maxTokens?: number;
}

export interface LoadOptions {
  /** Threads that run batches concurrently; 1, the default, for one vCPU. */
  readonly threads?: number;
  /**
   * For a process that answers others meanwhile: a transformer leaves the calling thread free also where it has one
   * thread, and a classical model, which takes microseconds, does several batches in one turn of the event loop.
   */
  readonly serving?: boolean;
  /** The limits of a run, instead of those of the manifest or the format. */
  readonly limits?: Partial<BatchLimits>;
  /** The time limit of a tokenizer for a text, in ms, after which the text is rejected. 3 s unless given. */
  readonly tokenizerLimitMs?: number;
  /** The number of labels per text, instead of that of the manifest; `null`: all. */
  readonly topK?: number | null;
  /** Answers keep the scores of all labels, so that each caller can rank them in its own way. */
  readonly keepScores?: boolean;
}

/** The files of a model's folder that the function needs. */
export interface Shipment<Manifest> {
  /** Paths relative to the folder. */
  readonly files: readonly string[];
  /** The complete manifest. */
  readonly manifest: Manifest;
  /** Graphs among `files` that run one after the other, each on the output of the one before: they may become one. */
  readonly chain?: {
    readonly files: readonly string[];
    readonly graphs: readonly Buffer[];
    /** The manifest with one graph in place of these. */
    joined(file: string, sha256: string): Manifest;
  };
}

/**
 * The manifest of a model as a format's loader needs it.
 *
 * @throws ModelError where it is of another format, or names a file that is outside the folder
 */
export const manifestOf = <Manifest extends CommonManifest>(
  { folder, manifest }: ModelFolder,
  { name, filesOf }: Pick<Format<Manifest>, 'name' | 'filesOf'>,
): Manifest => {
  const isOfFormat = (some: CommonManifest): some is Manifest => some.format === name;
  if (isOfFormat(manifest)) {
    for (const file of filesOf(manifest)) namedFile(folder, file, { by: join(folder, MANIFEST_FILE) });
    return manifest;
  }
  throw new ModelError(`${folder}: ${modelId(manifest)} has format ${manifest.format}, not ${name}`);
};

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'should be a sha256 in lower-case hexadecimal');

export const fileName = z.string().refine((name) => nameFault(name) === undefined, {
  error: ({ input }) => `should be a relative path inside the model folder, but ${nameFault(String(input))}`,
});

const word = z.string().regex(/^[\w.-]+$/, 'should consist of letters, digits, ".", "_" and "-"');

export const probability = z.number().min(0).max(1);

/** Digest and size of a file as it was published. */
const publishedFile = z.strictObject({
  sha256,
  bytes: z.int().min(0),
  /** The only CPU that needs it, as Node.js names it. */
  cpu: z.string().min(1).optional(),
});

/** The fields of every format. Name and version are those of the path `<name>/<version>` where left out. */
export const common = {
  name: word,
  version: word,
  /** The prefix of the attributes that answers are written to. */
  attribute: word.default('label'),
  license: z.string().optional(),
  data: z.strictObject({ name: z.string(), source: z.string(), license: z.string() }).optional(),
  metrics: z.record(z.string(), z.number()).optional(),
  /** How the model answers texts like those that it is for: `npm run model -- reference` writes it. */
  reference: z
    .strictObject({
      texts: z.int().min(1),
      confidence: z.strictObject({ mean: probability, below: probability, share: probability }).optional(),
      labels: z.record(z.string(), z.int().min(0)).optional(),
    })
    .optional(),
  /** Every other file of a published version, by its path: `npm run model -- publish --to s3` writes it. */
  published: z.strictObject({ files: z.record(fileName, publishedFile) }).optional(),
};

/** How the scores of a text become labels. */
export const answers = {
  /** How many labels to give, most probable first; `null`: all. One, or those that pass the threshold, if left out. */
  topK: z.int().min(1).nullable().optional(),
  /** Labels with at least this probability are listed. */
  threshold: probability.optional(),
};

/** The function that turns scores into probabilities. */
export const activation = z.enum(['none', 'softmax', 'sigmoid']);
