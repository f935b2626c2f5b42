import { join } from 'node:path';
import * as z from 'zod';
import { ModelError, PermanentError } from '../../errors.ts';
import type { Input, Prediction } from '../../tasks/model.ts';
import { type LabelSettings, readLabels, textClassification } from '../../tasks/text-classification.ts';
import { checkFile } from '../folder/checked-file.ts';
import { readGraph } from '../folder/graph-file.ts';
import { memoryOf } from '../folder/memory.ts';
import { modelId, type ModelFolder, toModel } from '../folder/model-folder.ts';
import { inBatches } from '../inference/in-batches.ts';
import { openChain } from '../inference/sklearn-chain.ts';
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
import { countFront, type Front, stringFront } from './sklearn-front.ts';

const listedFile = z.strictObject({ file: fileName, sha256 });

const schema = z.strictObject({
  ...common,
  format: z.literal('sklearn'),
  task: z.literal(textClassification.name),
  /** The labels in the order of the score columns. */
  labels: z.array(z.string().min(1)).min(2),
  /** ONNX graphs, each fed with the output of the one before it; the first takes the texts, or counts. */
  steps: z.array(listedFile).min(1),
  /** CountVectorizers, whose counts the first graph takes instead of the texts: side by side, in this order. */
  vectorizers: z.array(listedFile).min(1).optional(),
  /** The output of the last step that holds the scores, one row per text. */
  output: z.string().min(1).default('probabilities'),
  /** The function that turns scores into probabilities; `none` where they are probabilities already. */
  activation: activation.default('none'),
  ...answers,
  /** `fold`: runs of white space become one space before the first step, as in scikit-learn's character analyser. */
  whitespace: z.enum(['keep', 'fold']).default('keep'),
  /** The most texts of a run: 1 where the last digits of a text's scores depend on the other texts of a run. */
  limits: z.strictObject({ maxItems: z.int().min(1) }).optional(),
});

export type SklearnManifest = Readonly<z.infer<typeof schema>>;

/** ONNX Runtime begins each run in the next turn of the event loop, which is long when many requests come in. */
const BATCHES_IN_A_TURN = 8;

/** Any text: a run with it checks that the graphs fit each other and the labels. */
const PROBE = 'How do I get started?';

/**
 * A scikit-learn pipeline exported by skl2onnx: a chain of graphs that takes strings, or the counts of vectorizers, and
 * ends in scores.
 *
 * @throws ModelError where a file is missing or corrupt, or the graphs do not fit each other or the manifest
 */
export const loadSklearn = async (
  model: ModelFolder,
  { limits, topK, keepScores = false, serving = false }: LoadOptions = {},
): Promise<LoadedModel> => {
  const { folder } = model;
  const manifest = manifestOf(model, sklearn);
  const { vectorizers } = manifest;
  const { labels, activation, threshold } = manifest;
  const settings: LabelSettings = {
    labels,
    activation,
    threshold,
    topK: topK === undefined ? manifest.topK : topK,
    ...(keepScores && { keep: activation === 'none' ? 'probabilities' : 'logits' }),
  };
  const concurrency = serving ? BATCHES_IN_A_TURN : 1;
  return vectorizers === undefined
    ? loadBehind(stringFront(manifest.whitespace, limits), folder, manifest, settings, concurrency)
    : loadBehind(countFront(folder, vectorizers, limits), folder, manifest, settings, concurrency);
};

const loadBehind = async <Item>(
  front: Front<Item>,
  folder: string,
  manifest: SklearnManifest,
  settings: LabelSettings,
  concurrency: number,
): Promise<LoadedModel> => {
  const chain = await openChain(folder, manifest, manifest.vectorizers === undefined ? 'string' : 'float32');
  const { labels } = settings;
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
  // Otherwise every text would fail, one by one.
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
      readLabels(data.subarray(row * columns, (row + 1) * columns), settings, { truncated: false }),
    );
  };
  const prepare = (input: Input): Prepared<Item> | PermanentError => {
    if (typeof input === 'string') return { item: front.prepare(input), characters: input.length };
    return new PermanentError('inference-failed', `model ${id} takes single texts, not pairs`);
  };
  const batching = {
    limits: { ...front.limits, ...manifest.limits },
    concurrency,
    lengthOf: ({ item }: Prepared<Item>) => front.lengthOf(item),
    run,
    describe: ({ characters }: Prepared<Item>) =>
      `model ${id} cannot classify a text of ${characters} characters`,
  };

  return {
    ...toModel({ manifest }),
    classify: (texts) => inBatches(texts.map(prepare), batching),
    release: chain.release,
  };
};

/** A text as the first graph gets it. */
interface Prepared<Item> {
  readonly item: Item;
  readonly characters: number;
}

/** Every string of a step except its digest names a file. */
const namesIn = (step: object): readonly string[] =>
  Object.entries(step).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value === 'object' && value !== null) return namesIn(value);
    return typeof value === 'string' && key !== 'sha256' ? [value] : [];
  });

/** A scikit-learn pipeline, exported by skl2onnx. */
export const sklearn = {
  name: 'sklearn',
  schema,
  looksLike: (_, content) => 'steps' in content,
  filesOf: ({ steps, vectorizers = [] }) => [...steps, ...vectorizers].flatMap(namesIn),
  load: loadSklearn,
  details: ({ manifest: { labels } }) => ({ labels }),
  bytes: ({ folder, manifest: { steps, vectorizers = [] } }) =>
    memoryOf(folder, {
      graphs: steps.map(({ file }) => file),
      vectorizers: vectorizers.map(({ file }) => file),
    }),
  filesToShip: ({ folder, manifest }) => {
    const graphs = manifest.steps.map(({ file, sha256 }) => ({ file, ...readGraph(folder, file, sha256) }));
    const weights = graphs.flatMap((graph) => graph.weights);
    const files = graphs.map(({ file }) => file);
    const vectorizers = (manifest.vectorizers ?? []).map(({ file, sha256 }) => {
      checkFile(join(folder, file), sha256);
      return file;
    });
    const joined = (file: string, sha256: string) => ({ ...manifest, steps: [{ file, sha256 }] });
    return {
      files: [...new Set([...files, ...weights, ...vectorizers])],
      manifest,
      // Weights are located relative to the folder of their graph; a joined graph may be in another one.
      ...(weights.length === 0 && { chain: { files, graphs: graphs.map(({ content }) => content), joined } }),
    };
  },
} satisfies Format<SklearnManifest>;
