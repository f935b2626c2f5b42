import { join } from 'node:path';
import { type InferenceSession, Tensor } from '../inference/onnxruntime.ts';
import { ModelError, PermanentError } from '../../errors.ts';
import type { Prediction, TextInput } from '../../tasks/model.ts';
import type { BatchLimits } from '../inference/batches.ts';
import { manifestOf, type ModelFolder } from '../sources/directory.ts';
import { inBatches } from '../inference/in-batches.ts';
import { prediction } from '../../tasks/text-classification.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { modelId, type SklearnManifest } from '../folder/manifest.ts';
import { openSession } from '../inference/onnx.ts';

export interface SklearnOptions {
  /** A character tokenizer pads every text of a batch to the longest, so batches are planned by characters. */
  readonly limits?: BatchLimits;
  /** How many labels to give for a text. */
  readonly topK?: number;
}

/** Small batches of texts of like length pad little and stay in the CPU's cache: measured as the fastest. */
const LIMITS: BatchLimits = { maxTokens: 4_096, maxItems: 64 };

/**
 * A scikit-learn pipeline exported by skl2onnx: a chain of graphs that takes strings and ends in scores.
 *
 * @throws ModelError where a file is missing or corrupt, or the graphs do not fit each other or the manifest
 */
export const loadSklearn = async (
  model: ModelFolder,
  { limits = LIMITS, topK }: SklearnOptions = {},
): Promise<LoadedModel> => {
  const { folder } = model;
  const manifest = manifestOf(model, 'sklearn');
  const sessions = await Promise.all(
    manifest.steps.map(({ file, sha256 }) => openSession(join(folder, file), sha256)),
  );
  const chain = checkedChain(folder, manifest, sessions);
  const { labels, activation, threshold } = manifest;
  const answers = { activation, threshold, topK: topK ?? manifest.topK };

  const run = async (texts: readonly string[]): Promise<readonly Prediction[]> => {
    const { data, dims } = await runChain(chain, texts);
    const columns = labels.length;
    if (dims[0] !== texts.length || dims[1] !== columns || !(data instanceof Float32Array)) {
      throw new Error(`scores are ${dims.join(' × ')}, expected float32 ${texts.length} × ${columns}`);
    }
    return texts.map((_, row) =>
      prediction(data.subarray(row * columns, (row + 1) * columns), labels, answers),
    );
  };
  const prepare = (input: TextInput): string | PermanentError => {
    if (typeof input === 'string')
      return withoutNul(manifest.whitespace === 'fold' ? foldWhiteSpace(input) : input);
    return new PermanentError('inference-failed', `model ${modelId(manifest)} takes single texts, not pairs`);
  };
  const batching = {
    limits,
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
