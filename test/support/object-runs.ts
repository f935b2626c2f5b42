import { must } from '../../src/errors.ts';
import { classifyShard } from '../../src/pipeline/objects/classify-shard.ts';
import type { ObjectStore } from '../../src/pipeline/objects/object-store.ts';
import { planShards, startRun } from '../../src/pipeline/objects/plan.ts';
import type { Manifest, ObjectParts, ObjectSettings } from '../../src/pipeline/objects/run.ts';
import { bytesOf } from '../../src/pipeline/objects/stored-json.ts';
import { memoryObjects } from '../../src/stores/objects/memory.ts';
import { textAttribute } from '../../src/tasks/item-text.ts';
import type { Classifier, Models } from '../../src/tasks/model.ts';
import { PermanentError, TransientError } from '../../src/errors.ts';
import type { LabelPrediction } from '../../src/tasks/label-scores.ts';
import type { QuestionInput, QuestionPrediction } from '../../src/tasks/question-answering.ts';
import type { TextInput } from '../../src/tasks/text-classification.ts';

export const OBJECT_SETTINGS: ObjectSettings = {
  textAttributes: [textAttribute('text')],
  maxTextCharacters: 100_000,
  modelAttribute: 'model_type',
  idAttributes: ['recordId', 'custom_id', 'id', '_id'],
  join: false,
  maxLineBytes: 16 * 2 ** 20,
  shardBytes: 64 * 2 ** 20,
  chunkSize: 100,
  output: { bucket: 'out', prefix: '', naming: 'versioned' },
};

/** The first word of the context. */
const answered = ({ context }: QuestionInput): QuestionPrediction => {
  const [answer = ''] = context.split(' ');
  const span = { answer, score: 0.25, start: 0, end: [...answer].length };
  return { spans: [span], listed: [span] };
};

/** `reader@1` answers questions; `length@1` says how long a text is; `refuses@1` gives an error for each; `broken@1` fails. */
export const objectModels = (asked: string[] = []): Models => {
  const say = (id: string, input: TextInput): LabelPrediction => {
    const text = typeof input === 'string' ? input : `${input.text}|${input.textPair}`;
    asked.push(text);
    if (id === 'refuses@1') return { error: new PermanentError('inference-failed', 'no') };
    return { labels: [{ label: `n${text.length}`, score: 1 / (1 + text.length) }] };
  };
  const known = ['length@1', 'refuses@1', 'broken@1', 'reader@1'].map((id) => ({
    id,
    task: id === 'reader@1' ? 'question-answering' : 'text-classification',
    attribute: id.split('@', 1).join(''),
  }));
  return {
    resolve: (names = ['length@1']) =>
      names.map((name) => {
        const model = known.find(({ id, attribute }) => id === name || attribute === name);
        if (model === undefined) throw new PermanentError('unknown-model', 'a model was not found');
        return model;
      }),
    load: async (id): Promise<Classifier> => ({
      ...must(
        known.find((model) => model.id === id),
        id,
      ),
      classify: async (inputs) => {
        if (id === 'broken@1') throw new TransientError('out of order');
        return id === 'reader@1'
          ? (inputs as readonly QuestionInput[]).map(answered)
          : (inputs as readonly TextInput[]).map((input) => say(id, input));
      },
    }),
  };
};

export interface Ran {
  readonly manifest: Manifest;
  /** Undefined where there is none. */
  readonly output: string | undefined;
  readonly bytes: Buffer | undefined;
}

export interface RunOptions {
  readonly settings?: Partial<ObjectSettings>;
  readonly model?: string;
  readonly models?: Models;
  readonly store?: ObjectStore;
}

/** The parts of a run, with objects in memory. */
export const objectParts = ({
  settings,
  models = objectModels(),
  store = memoryObjects(['in', 'out']),
}: RunOptions = {}): ObjectParts => ({
  store,
  models,
  settings: { ...OBJECT_SETTINGS, ...settings },
});

/** Puts an object into the bucket `in`. */
export const putObject = async (
  { store }: ObjectParts,
  key: string,
  body: string | Uint8Array,
): Promise<void> => {
  await store.put({ bucket: 'in', key }, typeof body === 'string' ? Buffer.from(body) : body);
};

/** Runs a model over an object, shard by shard. */
export const runObject = async (
  key: string,
  body: string | Uint8Array,
  options: RunOptions = {},
): Promise<Ran> => {
  const parts = objectParts(options);
  await putObject(parts, key, body);
  const run = await startRun({ bucket: 'in', key }, parts, options.model);
  let manifest: Manifest | undefined;
  for (const task of await planShards(run, parts)) {
    const outcome = await classifyShard(task, parts);
    if (outcome.kind === 'done') manifest = outcome.manifest;
  }
  return { manifest: must(manifest, 'manifest'), ...(await outputOf(must(manifest, 'manifest'), parts)) };
};

/** The output that a manifest names. */
export const outputOf = async (
  { output }: Manifest,
  { store }: ObjectParts,
): Promise<Omit<Ran, 'manifest'>> => {
  if (output === undefined) return { output: undefined, bytes: undefined };
  const bytes = await bytesOf(store.read(await store.head(output)));
  return { output: bytes.toString(), bytes };
};

/** The keys in a bucket. */
export const keysIn = async ({ store }: ObjectParts, bucket: string): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const { key } of store.list(bucket, '')) keys.push(key);
  return keys;
};
