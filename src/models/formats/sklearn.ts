import { join } from 'node:path';
import { z } from 'zod';
import { type InferenceSession, Tensor } from '../inference/onnxruntime.ts';
import { ModelError, PermanentError } from '../../errors.ts';
import type { Input, Prediction } from '../../tasks/model.ts';
import { taskNames, taskOf } from '../../tasks/tasks.ts';
import type { BatchLimits } from '../inference/batches.ts';
import { inBatches } from '../inference/in-batches.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { modelId, type ModelFolder } from '../folder/model-folder.ts';
import { memoryOf } from '../folder/memory.ts';
import { readGraph } from '../folder/graph-file.ts';
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
import { openSession } from '../inference/onnx.ts';

const schema = z.strictObject({
  ...common,
  format: z.literal('sklearn'),
  task: z.literal(taskNames),
  /** The labels in the order of the score columns. */
  labels: z.array(z.string().min(1)).min(2),
  /** ONNX graphs, each fed with the output of the one before it; the first takes the texts. */
  steps: z.array(z.strictObject({ file: fileName, sha256 })).min(1),
  /** The output of the last step that holds the scores, one row per text. */
  output: z.string().min(1).default('probabilities'),
  /** What makes probabilities of the scores; `none` where they are probabilities already. */
  activation: activation.default('none'),
  ...answers,
  /** `fold`: runs of white space become one space before the first step, as in scikit-learn's character analyser. */
  whitespace: z.enum(['keep', 'fold']).default('keep'),
});

export type SklearnManifest = Readonly<z.infer<typeof schema>>;

/**
 * A character tokenizer pads every text of a batch to the longest, so batches are planned by characters. Small ones of
 * texts of like length pad little and stay in the CPU's cache: measured as the fastest.
 */
const LIMITS: BatchLimits = { maxTokens: 4_096, maxItems: 64 };

/**
 * A scikit-learn pipeline exported by skl2onnx: a chain of graphs that takes strings and ends in scores.
 *
 * @throws ModelError where a file is missing or corrupt, or the graphs do not fit each other or the manifest
 */
export const loadSklearn = async (
  model: ModelFolder,
  { limits, topK }: LoadOptions = {},
): Promise<LoadedModel> => {
  const { folder } = model;
  const manifest = manifestOf(model, sklearn);
  const sessions = await Promise.all(
    manifest.steps.map(({ file, sha256 }) => openSession(join(folder, file), sha256)),
  );
  const chain = checkedChain(folder, manifest, sessions);
  const task = taskOf(manifest);
  const { labels, activation, threshold } = manifest;
  const answers = { labels, activation, threshold, topK: topK === undefined ? manifest.topK : topK };

  const run = async (texts: readonly string[]): Promise<readonly Prediction[]> => {
    const { data, dims } = await runChain(chain, texts);
    const columns = labels.length;
    if (dims[0] !== texts.length || dims[1] !== columns || !(data instanceof Float32Array)) {
      throw new Error(`scores are ${dims.join(' × ')}, expected float32 ${texts.length} × ${columns}`);
    }
    return texts.map((_, row) =>
      task.read([data.subarray(row * columns, (row + 1) * columns)], answers, { truncated: false }),
    );
  };
  const prepare = (input: Input): string | PermanentError => {
    if (typeof input === 'string')
      return withoutNul(manifest.whitespace === 'fold' ? foldWhiteSpace(input) : input);
    return new PermanentError('inference-failed', `model ${modelId(manifest)} takes single texts, not pairs`);
  };
  const batching = {
    limits: { ...LIMITS, ...limits },
    lengthOf: (text: string) => text.length,
    run,
    describe: (text: string) =>
      `model ${modelId(manifest)} cannot classify a text of ${text.length} characters`,
  };

  return {
    id: modelId(manifest),
    attribute: manifest.attribute,
    classify: (texts) => inBatches(texts.map(prepare), batching),
    release: async () => {
      await Promise.all(sessions.map((session) => session.release()));
    },
  };
};

/** Python's white space, which is not quite JavaScript's: `\s\s+` → one space, as scikit-learn's analyser does. */
const WHITE_SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]{2,}/g;

/** Runs of two or more white-space characters as one space. */
export const foldWhiteSpace = (text: string): string => text.replace(WHITE_SPACE, ' ');

/** The binding ends a string at U+0000, so the replacement character stands for it. */
const withoutNul = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text);

/** A graph and the names by which it takes from the one before and gives to the next. */
interface Link {
  readonly session: InferenceSession;
  readonly input: string;
  readonly output: string;
  /** skl2onnx exports a column of strings as [N, 1]; other graphs take [N]. */
  readonly isColumn: boolean;
}

const checkedChain = (
  folder: string,
  { steps, output }: SklearnManifest,
  sessions: readonly InferenceSession[],
) =>
  sessions.map((session, index): Link => {
    const file = join(folder, steps[index]?.file ?? '');
    const [input, ...others] = session.inputMetadata;
    if (input === undefined || others.length > 0 || !input.isTensor) {
      throw new ModelError(
        `${file} should take one tensor, but takes: ${session.inputNames.join(', ') || 'none'}`,
      );
    }
    if (index === 0 && input.type !== 'string') {
      throw new ModelError(`${file} is the first step and should take strings, but takes ${input.type}`);
    }
    const wanted = index === sessions.length - 1 ? output : (sessions[index + 1]?.inputNames[0] ?? '');
    const only =
      index < sessions.length - 1 && session.outputNames.length === 1 ? session.outputNames[0] : undefined;
    const given = session.outputNames.includes(wanted) ? wanted : only;
    if (given === undefined) {
      throw new ModelError(
        `${file} should have an output ${wanted}, but has: ${session.outputNames.join(', ')}`,
      );
    }
    return { session, input: input.name, output: given, isColumn: input.shape.length === 2 };
  });

const runChain = async (chain: readonly Link[], texts: readonly string[]): Promise<Tensor> => {
  const isColumn = chain[0]?.isColumn ?? false;
  let tensor = new Tensor('string', [...texts], isColumn ? [texts.length, 1] : [texts.length]);
  for (const { session, input, output } of chain) {
    const results = await session.run({ [input]: tensor }, [output]);
    const result = results[output];
    if (result === undefined) throw new Error(`no output ${output}`);
    tensor = result as typeof tensor;
  }
  return tensor;
};

/** Every string of a step but its digest names a file. */
const namesIn = (step: object): readonly string[] =>
  Object.entries(step).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value === 'object' && value !== null) return namesIn(value);
    return typeof value === 'string' && key !== 'sha256' ? [value] : [];
  });

/** A scikit-learn pipeline, exported by skl2onnx. */
export const sklearn = {
  name: 'sklearn',
  schema,
  looksLike: (_, said) => 'steps' in said,
  filesOf: ({ steps }) => steps.flatMap(namesIn),
  load: loadSklearn,
  bytes: ({ folder, manifest: { steps } }) =>
    memoryOf(
      folder,
      steps.map(({ file }) => file),
    ),
  filesToShip: ({ folder, manifest }) => {
    const graphs = manifest.steps.map(({ file, sha256 }) => ({ file, ...readGraph(folder, file, sha256) }));
    const weights = graphs.flatMap((graph) => graph.weights);
    const files = graphs.map(({ file }) => file);
    const joined = (file: string, sha256: string) => ({ ...manifest, steps: [{ file, sha256 }] });
    return {
      files: [...new Set([...files, ...weights])],
      manifest,
      // Weights are found from the folder of their graph, which a joined one may not share.
      ...(weights.length === 0 && { chain: { files, graphs: graphs.map(({ content }) => content), joined } }),
    };
  },
} satisfies Format<SklearnManifest>;
