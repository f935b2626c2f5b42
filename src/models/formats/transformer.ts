import { hash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ConfigError, ModelError, PermanentError } from '../../errors.ts';
import type { Input, Prediction } from '../../tasks/model.ts';
import { questionAnswering } from '../../tasks/question-answering.ts';
import { taskNames, taskOf } from '../../tasks/tasks.ts';
import type { BatchLimits } from '../inference/batches.ts';
import { checkedFile, checkFile } from '../folder/checked-file.ts';
import { memoryOf } from '../folder/memory.ts';
import { modelId, type ModelFolder, toModel } from '../folder/model-folder.ts';
import { isExport, TOKENIZER_FILE } from '../folder/folder-format.ts';
import { chooseGraph } from '../folder/graph-choice.ts';
import { architecturesIn, parseJson } from '../folder/hugging-face-files.ts';
import { inBatches, type NoResult } from '../inference/in-batches.ts';
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
import { type Encoding, openTokenizer } from '../tokenizer/tokenizer.ts';
import type { GraphSession } from '../inference/session-pool.ts';
import type { EncodedInput, Outputs, Reader } from './readers/reader.ts';
import { readerOf } from './readers/readers.ts';
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
  /** The most tokens of a text, or of a question with a part of its context; special ones included. */
  maxLength: z.int().min(1).optional(),
  /** Of a model that answers questions: how contexts are divided, and which spans are given (question-answering.ts). */
  questions: z
    .strictObject({
      stride: z.int().min(0),
      maxAnswerLength: z.int().min(1),
      handleImpossible: z.boolean(),
      alignToWords: z.boolean(),
      scores: z.enum(['contexts', 'windows']),
    })
    .partial()
    .optional(),
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
  options: LoadOptions = {},
): Promise<LoadedModel> => {
  const { threads = 1, serving = false, limits, tokenizerLimitMs = TOKENIZER_LIMIT_MS } = options;
  const { folder } = model;
  const manifest = manifestOf(model, transformer);
  const id = modelId(manifest);
  const { graph, weights, operators } = transformerFiles(folder, manifest, process.arch);
  for (const file of weights) checkFile(join(folder, file), manifest.files[file]);
  const settings = transformerSettings(folder, manifest);
  const { maxLength, firstPosition, tokenTypes, padding } = settings;
  const tokenizerFile = join(folder, TOKENIZER_FILE);
  const tokenizer = await openTokenizer(tokenizerFile, {
    tokenizer: parseJson(tokenizerFile, checkedFile(tokenizerFile, manifest.files[TOKENIZER_FILE])),
    maxLength,
    truncationSide: settings.truncationSide,
    tokenTypes,
  });
  const padId = (padding.token === undefined ? undefined : tokenizer.idOf(padding.token)) ?? padding.id;

  const reader = readerOf({ id, manifest, settings, tokenizer, options });
  const file = join(folder, graph);
  const session = await openTransformer(file, threads, { ownThread: serving });
  const run = await warm(file, session, reader, {
    task: taskOf(manifest),
    output: manifest.output,
    columns: reader.columns,
    padding: { padId: padId ?? 0, side: padding.side, firstPosition },
  });
  const inTime = <Result>(work: () => Result): Result =>
    tokenizer.mayTakeForEver ? withinTime(tokenizerLimitMs, work) : work();
  const encode = (input: Input): EncodedInput | PermanentError => {
    try {
      return inTime(() => reader.encode(input));
    } catch (cause) {
      if (cause instanceof PermanentError) return cause;
      const why = cause instanceof TimeLimitError ? ` within ${tokenizerLimitMs} ms` : '';
      const message = `model ${id} cannot tokenise a text of ${charactersOf(input)} characters${why}`;
      return new PermanentError('inference-failed', message, { cause });
    }
  };
  /** One time limit for all texts costs less than one for each, which is used only to find the text at fault. */
  const encodeAll = (inputs: readonly Input[]): readonly (EncodedInput | PermanentError)[] => {
    try {
      return inTime(() => inputs.map((input) => reader.encode(input)));
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
    ...toModel(model),
    isBeside: serving,
    classify: (inputs) => answersTo(encodeAll(inputs), (runs) => inBatches(runs, batching)),
    release: () => session.release(),
  };
};

/** Runs all that the inputs take in one go, so that runs of several inputs share batches. */
const answersTo = async (
  inputs: readonly (EncodedInput | PermanentError)[],
  runAll: (runs: readonly Encoding[]) => Promise<readonly (Outputs | NoResult)[]>,
): Promise<readonly Prediction[]> => {
  const results = await runAll(
    inputs.flatMap((input) => (input instanceof PermanentError ? [] : input.runs)),
  );
  let next = 0;
  return inputs.map((input): Prediction => {
    if (input instanceof PermanentError) return { error: input };
    const own = results.slice(next, (next += input.runs.length));
    const failed = own.find((result): result is NoResult => 'error' in result);
    return failed ?? input.read(own as readonly Outputs[]);
  });
};

/** Of all texts in an input. */
const charactersOf = (input: Input): number => {
  const texts: readonly unknown[] = typeof input === 'string' ? [input] : Object.values(input);
  return texts.reduce<number>((sum, text) => (typeof text === 'string' ? sum + text.length : sum), 0);
};

/**
 * A scorer that has run once: the first run makes ONNX Runtime allocate the memory of later runs, and checks that the
 * parts fit each other.
 */
const warm = async (
  file: string,
  session: GraphSession,
  { encode, probe }: Reader,
  options: ScorerOptions,
): Promise<Scorer> => {
  try {
    const run = scorer(file, session, options);
    await run(encode(probe).runs);
    return run;
  } catch (cause) {
    await session.release();
    if (cause instanceof ModelError) throw cause;
    if (cause instanceof ConfigError) throw new ModelError(cause.message, { cause });
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

/** By its architecture. */
const taskIn = (folder: string): string | undefined =>
  architecturesIn(folder).some((name) => name.endsWith('ForQuestionAnswering'))
    ? questionAnswering.name
    : undefined;

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
  taskIn,
  details: ({ folder, manifest }) => {
    if (manifest.task === questionAnswering.name)
      return { maxTokens: transformerSettings(folder, manifest).maxLength };
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
    const answers = { labels: [...labels], activation, ...(threshold !== undefined && { threshold }) };
    const resolved = { ...(manifest.task === questionAnswering.name ? {} : answers), maxLength };
    return { files, manifest: { ...manifest, ...resolved, graph, files: Object.fromEntries(digests) } };
  },
} satisfies Format<TransformerManifest>;
