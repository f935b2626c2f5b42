import { hash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ModelError, PermanentError } from '../../errors.ts';
import type { Input, Prediction } from '../../tasks/model.ts';
import type { ReadSettings } from '../../tasks/task.ts';
import { taskNames, taskOf } from '../../tasks/tasks.ts';
import type { TextInput } from '../../tasks/text-classification.ts';
import type { BatchLimits } from '../inference/batches.ts';
import { checkedFile, checkFile } from '../folder/checked-file.ts';
import { memoryOf } from '../folder/memory.ts';
import { modelId, type ModelFolder } from '../folder/model-folder.ts';
import { isExport, TOKENIZER_FILE } from '../folder/folder-format.ts';
import { chooseGraph } from '../folder/graph-choice.ts';
import { parseJson } from '../folder/hugging-face-files.ts';
import { inBatches } from '../inference/in-batches.ts';
import type { LoadedModel } from '../loaded-model.ts';
import {
  activation,
  answers,
  common,
  fileName,
  type Format,
  type LoadOptions,
  manifestOf,
  sha256,
} from './format.ts';
import { openTransformer } from '../inference/onnx.ts';
import { type Scorer, scorer, type ScorerOptions } from '../inference/scoring.ts';
import { type Encoding, openTokenizer, type TextTokenizer } from '../tokenizer/tokenizer.ts';
import type { GraphSession } from '../inference/session-pool.ts';
import { TimeLimitError, withinTime } from '../inference/time-limit.ts';
import { transformerFiles } from '../folder/transformer-files.ts';
import { transformerSettings } from '../folder/transformer-settings.ts';

/** Files may have any name: `files['constructor']` has to be undefined. */
const withoutInherited = (digests: Record<string, string>): Readonly<Record<string, string>> =>
  Object.assign(Object.create(null) as Record<string, string>, digests);
/** A folder as Optimum exports it; fields that are left out come from its other files (transformer-settings.ts). */
const schema = z.strictObject({
  ...common,
  format: z.literal('transformer'),
  task: z.literal(taskNames).default('text-classification'),
  /** The ONNX graph, or one per CPU architecture as Node.js names it. */
  graph: z.union([fileName, z.strictObject({ x64: fileName, arm64: fileName }).partial()]).optional(),
  /** Digests of files: one that is listed is checked before it is used. */
  files: z.record(fileName, sha256).default({}).transform(withoutInherited),
  /** The labels in the order of the score columns. */
  labels: z.array(z.string().min(1)).min(1).optional(),
  /** The output that holds the scores, one row per text. */
  output: z.string().min(1).optional(),
  /** The function that turns scores into probabilities (`function_to_apply` in Hugging Face's pipelines). */
  activation: activation.optional(),
  ...answers,
  /** Whether it is a model of pairs of texts, such as premise and hypothesis. */
  pairs: z.boolean().optional(),
  /** The most tokens of a text, special ones included. */
  maxLength: z.int().min(1).optional(),
  /** The limits of a run: padded tokens, texts, padding tokens of a text. */
  limits: z
    .strictObject({ maxTokens: z.int().min(1), maxItems: z.int().min(1), maxPadding: z.int().min(0) })
    .partial()
    .default({}),
});

export type TransformerManifest = Readonly<z.infer<typeof schema>>;

/**
 * Texts of equal length share a run, up to this many tokens: nothing is padded and all stays in the CPU's cache, which
 * was the fastest. The scores of a text are then the same to the last bit alone and in a batch, which int8 with padding
 * would not guarantee: a sum that rounds differently can move an activation to the next of its 256 steps.
 */
const LIMITS = { maxTokens: 256, maxItems: 64, maxPadding: 0 } satisfies BatchLimits;

/** A text of 100,000 characters takes a tenth of a second; a regular expression that backtracks may take years. */
const TOKENIZER_LIMIT_MS = 3_000;

/**
 * A text classifier as Optimum exports it: a tokenizer and a graph from token ids to scores.
 *
 * @throws ModelError where a file is missing, corrupt or not supported, or the parts do not fit each other
 */
export const loadTransformer = async (
  model: ModelFolder,
  {
    threads = 1,
    serving = false,
    limits,
    topK,
    keepScores = false,
    tokenizerLimitMs = TOKENIZER_LIMIT_MS,
  }: LoadOptions = {},
): Promise<LoadedModel> => {
  const { folder } = model;
  const manifest = manifestOf(model, transformer);
  const id = modelId(manifest);
  const { graph, weights, operators } = transformerFiles(folder, manifest, process.arch);
  for (const file of weights) checkFile(join(folder, file), manifest.files[file]);
  const settings = transformerSettings(folder, manifest);
  const { labels, activation, threshold, maxLength, firstPosition, tokenTypes, padding } = settings;
  const task = taskOf(manifest);
  const settingsOfTask: ReadSettings = {
    labels,
    activation,
    threshold,
    topK: topK === undefined ? manifest.topK : topK,
    ...(keepScores && { keep: 'logits' }),
  };

  const tokenizerFile = join(folder, TOKENIZER_FILE);
  const tokenizer = await openTokenizer(tokenizerFile, {
    tokenizer: parseJson(tokenizerFile, checkedFile(tokenizerFile, manifest.files[TOKENIZER_FILE])),
    maxLength,
    truncationSide: settings.truncationSide,
    tokenTypes,
  });
  const padId = (padding.token === undefined ? undefined : tokenizer.idOf(padding.token)) ?? padding.id;

  const file = join(folder, graph);
  const session = await openTransformer(file, threads, { ownThread: serving });
  const scoresOf = await warm(file, session, tokenizer, {
    task,
    output: manifest.output,
    columns: labels.length,
    padding: { padId: padId ?? 0, side: padding.side, firstPosition },
  });
  const run = async (encodings: readonly Encoding[]): Promise<readonly Prediction[]> => {
    const rows = await scoresOf(encodings);
    return rows.map((scores, row) =>
      task.read(scores, settingsOfTask, { truncated: encodings[row]?.truncated ?? false }),
    );
  };
  const inTime = <Result>(work: () => Result): Result =>
    tokenizer.mayTakeForEver ? withinTime(tokenizerLimitMs, work) : work();
  const encode = (given: Input): Encoding | PermanentError => {
    const input = given as TextInput;
    try {
      return inTime(() => tokenizer.encode(input));
    } catch (cause) {
      const characters = typeof input === 'string' ? input.length : input.text.length + input.textPair.length;
      const why = cause instanceof TimeLimitError ? ` within ${tokenizerLimitMs} ms` : '';
      const message = `model ${id} cannot tokenise a text of ${characters} characters${why}`;
      return new PermanentError('inference-failed', message, { cause });
    }
  };
  /** One time limit for all texts costs less than one for each, which is used only to find the text at fault. */
  const encodeAll = (inputs: readonly Input[]): readonly (Encoding | PermanentError)[] => {
    try {
      return inTime(() => inputs.map((input) => tokenizer.encode(input as TextInput)));
    } catch {
      return inputs.map(encode);
    }
  };
  const batching = {
    limits: {
      maxTokens: limits?.maxTokens ?? manifest.limits.maxTokens ?? LIMITS.maxTokens,
      maxItems: scalesByBatch(operators)
        ? 1
        : (limits?.maxItems ?? manifest.limits.maxItems ?? LIMITS.maxItems),
      maxPadding:
        padId === undefined ? 0 : (limits?.maxPadding ?? manifest.limits.maxPadding ?? LIMITS.maxPadding),
    },
    // Each thread has its next batch ready; a single one of its own has all of them.
    concurrency: threads > 1 ? 2 * threads : serving ? Number.POSITIVE_INFINITY : 1,
    lengthOf: ({ ids }: Encoding) => ids.length,
    run,
    describe: ({ ids }: Encoding) => `model ${id} cannot classify a text of ${ids.length} tokens`,
  };
  return {
    id,
    attribute: manifest.attribute,
    isBeside: serving,
    classify: (texts) => inBatches(encodeAll(texts), batching),
    release: () => session.release(),
  };
};

/**
 * A scorer that has run once: the first run makes ONNX Runtime allocate the memory of later runs, and checks that the
 * parts fit each other.
 */
const warm = async (
  file: string,
  session: GraphSession,
  tokenizer: TextTokenizer,
  options: ScorerOptions,
): Promise<Scorer> => {
  try {
    const scoresOf = scorer(file, session, options);
    await scoresOf([tokenizer.encode('')]);
    return scoresOf;
  } catch (cause) {
    await session.release();
    if (cause instanceof ModelError) throw cause;
    throw new ModelError(`${file} cannot run on an empty text; are tokenizer and graph of one model?`, {
      cause,
    });
  }
};

/**
 * Dynamic int8 scales the activations of a whole batch by one number: a text would get other scores in another batch,
 * so each text runs alone.
 */
const scalesByBatch = (operators: ReadonlySet<string>): boolean =>
  [...operators].some((operator) => operator.startsWith('DynamicQuantize'));

/** Weights beside a graph that is too large to hold them. */
const externalData = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.onnx[._]data$/.test(file));

/** A classifier as Optimum exports it. */
export const transformer = {
  name: 'transformer',
  schema,
  looksLike: isExport,
  filesOf: ({ graph }) =>
    [typeof graph === 'string' ? graph : Object.values(graph ?? {})]
      .flat()
      .filter((file) => file !== undefined),
  load: loadTransformer,
  details: ({ folder, manifest }) => {
    // A complete manifest tells it also before the other files are there.
    const isComplete = manifest.labels !== undefined && manifest.maxLength !== undefined;
    const { labels, maxLength } = isComplete ? manifest : transformerSettings(folder, manifest);
    return { labels, ...(maxLength !== undefined && { maxTokens: maxLength }) };
  },
  bytes: ({ folder, manifest }) => {
    const graph = chooseGraph(folder, manifest, process.arch);
    return memoryOf(folder, { graphs: [graph, ...externalData(folder)], tokenizers: [TOKENIZER_FILE] });
  },
  filesToShip: ({ folder, manifest }, cpu) => {
    const { graph, weights, others } = transformerFiles(folder, manifest, cpu);
    const { labels, activation, threshold, maxLength } = transformerSettings(folder, manifest);
    const files = [graph, ...weights, ...others];
    const digests = files.map((file) => {
      const content = checkedFile(join(folder, file), manifest.files[file]);
      return [file, hash('sha256', content, 'hex')] as const;
    });
    const resolved = {
      labels: [...labels],
      activation,
      ...(threshold !== undefined && { threshold }),
      maxLength,
    };
    return { files, manifest: { ...manifest, ...resolved, graph, files: Object.fromEntries(digests) } };
  },
} satisfies Format<TransformerManifest>;
