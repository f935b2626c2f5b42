import { join } from 'node:path';
import { ModelError, PermanentError } from '../../errors.ts';
import type { Prediction, TextInput } from '../../tasks/model.ts';
import type { BatchLimits } from '../inference/batches.ts';
import { checkedFile, checkFile } from '../folder/checked-file.ts';
import { manifestOf, type ModelFolder } from '../sources/directory.ts';
import { TOKENIZER_FILE } from '../folder/folder-format.ts';
import { parseJson } from '../folder/hugging-face-files.ts';
import { inBatches } from '../inference/in-batches.ts';
import { prediction } from '../../tasks/text-classification.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { modelId } from '../folder/manifest.ts';
import { openTransformer } from '../inference/onnx.ts';
import { type Scorer, scorer, type ScorerOptions } from '../inference/scoring.ts';
import { type Encoding, openTokenizer, type TextTokenizer } from '../tokenizer/tokenizer.ts';
import type { GraphSession } from '../inference/session-pool.ts';
import { TimeLimitError, withinTime } from '../inference/time-limit.ts';
import { transformerFiles } from '../folder/transformer-files.ts';
import { transformerSettings } from '../folder/transformer-settings.ts';

export interface TransformerOptions {
  /** Threads that run batches side by side; 1 for one vCPU. */
  readonly threads?: number;
  readonly limits?: Partial<BatchLimits>;
  /** How many labels to give for a text, instead of what the manifest says. */
  readonly topK?: number | null;
  /** How long the tokenizer may take for a text, in ms: then there is no label for it. */
  readonly tokenizerLimitMs?: number;
}

/**
 * Texts of equal length share a run, up to so many tokens: nothing is padded and all stays in the CPU's cache, which was
 * the fastest. And a text's scores are then the same to the last bit alone and in a batch, which int8 would not be with
 * padding: a sum that rounds differently can tip an activation over to the next of its 256 steps.
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
  { threads = 1, limits, topK, tokenizerLimitMs = TOKENIZER_LIMIT_MS }: TransformerOptions = {},
): Promise<LoadedModel> => {
  const { folder } = model;
  const manifest = manifestOf(model, 'transformer');
  const id = modelId(manifest);
  const { graph, weights, operators } = transformerFiles(folder, manifest, process.arch);
  for (const file of weights) checkFile(join(folder, file), manifest.files[file]);
  const settings = transformerSettings(folder, manifest);
  const { labels, activation, threshold, maxLength, firstPosition, tokenTypes, padding } = settings;
  const answers = { activation, threshold, topK: topK === undefined ? manifest.topK : topK };

  const tokenizerFile = join(folder, TOKENIZER_FILE);
  const tokenizer = await openTokenizer(tokenizerFile, {
    tokenizer: parseJson(tokenizerFile, checkedFile(tokenizerFile, manifest.files[TOKENIZER_FILE])),
    maxLength,
    truncationSide: settings.truncationSide,
    tokenTypes,
  });
  const padId = (padding.token === undefined ? undefined : tokenizer.idOf(padding.token)) ?? padding.id;

  const file = join(folder, graph);
  const session = await openTransformer(file, threads);
  const scoresOf = await warm(file, session, tokenizer, {
    output: manifest.output,
    columns: labels.length,
    padding: { padId: padId ?? 0, side: padding.side, firstPosition },
  });
  const run = async (encodings: readonly Encoding[]): Promise<readonly Prediction[]> => {
    const rows = await scoresOf(encodings);
    return rows.map((scores, row) => {
      const said = prediction(scores, labels, answers);
      return encodings[row]?.truncated && !('error' in said) ? { ...said, truncated: true } : said;
    });
  };
  const inTime = <Result>(work: () => Result): Result =>
    tokenizer.mayTakeForEver ? withinTime(tokenizerLimitMs, work) : work();
  const encode = (input: TextInput): Encoding | PermanentError => {
    try {
      return inTime(() => tokenizer.encode(input));
    } catch (cause) {
      const characters = typeof input === 'string' ? input.length : input.text.length + input.textPair.length;
      const why = cause instanceof TimeLimitError ? ` within ${tokenizerLimitMs} ms` : '';
      const message = `model ${id} cannot tokenise a text of ${characters} characters${why}`;
      return new PermanentError('inference-failed', message, { cause });
    }
  };
  /** A watch for all of them costs less than one for each, which finds out for which one it is needed. */
  const encodeAll = (inputs: readonly TextInput[]): readonly (Encoding | PermanentError)[] => {
    try {
      return inTime(() => inputs.map((input) => tokenizer.encode(input)));
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
    // Each thread has its next batch at hand.
    concurrency: threads === 1 ? 1 : 2 * threads,
    lengthOf: ({ ids }: Encoding) => ids.length,
    run,
    describe: ({ ids }: Encoding) => `model ${id} cannot classify a text of ${ids.length} tokens`,
  };
  return {
    id,
    attribute: manifest.attribute,
    classify: (texts) => inBatches(encodeAll(texts), batching),
    release: () => session.release(),
  };
};

/**
 * A scorer that has run once: the first run makes ONNX Runtime allocate what later runs use, and shows whether the parts
 * fit each other.
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
 * Dynamic int8 scales the activations of a whole batch by one number: a text would score differently in another batch,
 * so each runs alone.
 */
const scalesByBatch = (operators: ReadonlySet<string>): boolean =>
  [...operators].some((operator) => operator.startsWith('DynamicQuantize'));
