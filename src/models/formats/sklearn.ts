import { join } from 'node:path';
import { ModelError, PermanentError } from '../../errors.ts';
import type { Prediction, TextInput } from '../../tasks/model.ts';
import type { BatchLimits } from '../inference/batches.ts';
import { manifestOf, type ModelFolder } from '../sources/directory.ts';
import { inBatches } from '../inference/in-batches.ts';
import { prediction } from '../../tasks/text-classification.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { modelId, type SklearnManifest } from '../folder/manifest.ts';
import { openChain } from '../inference/sklearn-chain.ts';
import { countFront, type Front, stringFront } from './sklearn-front.ts';

export interface SklearnOptions {
  /** How much one run takes: characters where the first graph takes strings, numbers where it takes counts. */
  readonly limits?: BatchLimits;
  /** How many labels to give for a text. */
  readonly topK?: number;
}

/** Any text: it shows whether the graphs fit each other and the labels. */
const PROBE = 'How do I get started?';

/**
 * A scikit-learn pipeline exported by skl2onnx: a chain of graphs that takes strings, or the counts of vectorizers, and
 * ends in scores.
 *
 * @throws ModelError where a file is missing or corrupt, or the graphs do not fit each other or the manifest
 */
export const loadSklearn = async (
  model: ModelFolder,
  { limits, topK }: SklearnOptions = {},
): Promise<LoadedModel> => {
  const { folder } = model;
  const manifest = manifestOf(model, 'sklearn');
  const { vectorizers } = manifest;
  return vectorizers === undefined
    ? loadBehind(stringFront(manifest, limits), folder, manifest, topK)
    : loadBehind(countFront(folder, vectorizers, limits), folder, manifest, topK);
};

const loadBehind = async <Item>(
  front: Front<Item>,
  folder: string,
  manifest: SklearnManifest,
  topK: number | undefined,
): Promise<LoadedModel> => {
  const chain = await openChain(folder, manifest, manifest.vectorizers === undefined ? 'string' : 'float32');
  const { labels, activation, threshold } = manifest;
  const answers = { activation, threshold, topK: topK ?? manifest.topK };
  const id = modelId(manifest);

  const scoresOf = async (items: readonly Item[]): Promise<Float32Array> => {
    const fed = front.tensor(items, chain);
    const { data, dims, type } = await chain.run(fed);
    const [rows, columns] = [fed.dims[0] ?? 0, labels.length];
    const isExpected = dims.length === 2 && dims[0] === rows && dims[1] === columns;
    if (isExpected && data instanceof Float32Array) return data;
    const file = join(folder, manifest.steps.at(-1)?.file ?? '');
    throw new ModelError(
      `${file}: output ${manifest.output} is ${type} ${dims.join(' × ')}, expected float32 ${rows} × ${columns}, a column per label; are the labels and the graph of one model?`,
    );
  };
  // Else every text would be at fault, one by one.
  await scoresOf([front.prepare(PROBE)]).catch(async (cause: unknown) => {
    await chain.release();
    if (cause instanceof ModelError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelError(`${folder} cannot run on a text: ${reason}`, { cause });
  });

  const run = async (items: readonly Prepared<Item>[]): Promise<readonly Prediction[]> => {
    const data = await scoresOf(items.map(({ item }) => item));
    const columns = labels.length;
    return items.map((_, row) =>
      prediction(data.subarray(row * columns, (row + 1) * columns), labels, answers),
    );
  };
  const prepare = (input: TextInput): Prepared<Item> | PermanentError => {
    if (typeof input === 'string') return { item: front.prepare(input), characters: input.length };
    return new PermanentError('inference-failed', `model ${id} takes single texts, not pairs`);
  };
  const batching = {
    limits: { ...front.limits, ...manifest.limits },
    lengthOf: ({ item }: Prepared<Item>) => front.lengthOf(item),
    run,
    describe: ({ characters }: Prepared<Item>) =>
      `model ${id} cannot classify a text of ${characters} characters`,
  };

  return {
    id,
    attribute: manifest.attribute,
    classify: (texts) => inBatches(texts.map(prepare), batching),
    release: chain.release,
  };
};

/** A text as the first graph will have it. */
interface Prepared<Item> {
  readonly item: Item;
  readonly characters: number;
}
