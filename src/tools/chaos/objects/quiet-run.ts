import { must } from '../../../errors.ts';
import { classifyShard } from '../../../pipeline/objects/classify-shard.ts';
import type { ObjectName, ObjectStore } from '../../../pipeline/objects/object-store.ts';
import { planShards, startRun } from '../../../pipeline/objects/plan.ts';
import type { Manifest, ObjectSettings } from '../../../pipeline/objects/run.ts';
import { bytesOf } from '../../../pipeline/objects/stored-json.ts';
import { memoryObjects } from '../../../stores/objects/memory.ts';
import { textAttribute } from '../../../tasks/item-text.ts';
import { toyModels } from '../histories/toy-models.ts';

export const SOURCE = 'objects-in';
export const OUTPUT = 'objects-out';

/** The settings of runs, without those that must not make a difference. */
export const settingsOf = (sizes: Pick<ObjectSettings, 'shardBytes' | 'chunkSize'>): ObjectSettings => ({
  textAttributes: [textAttribute('text')],
  maxTextCharacters: 1_000,
  modelAttribute: 'model_type',
  idAttributes: ['id'],
  join: false,
  maxLineBytes: 2 ** 20,
  ...sizes,
  output: { bucket: OUTPUT, prefix: 'labels/', naming: 'versioned' },
});

/** What a run leaves when nothing goes wrong. */
export interface QuietRun {
  readonly manifestKey: string;
  readonly manifest: Manifest;
  /** By the key of the output; none where the object cannot be read. */
  readonly output?: { readonly key: string; readonly bytes: Buffer };
}

/** Runs over an object in peace and in one shard. */
export const quietRun = async (name: ObjectName, body: Buffer): Promise<QuietRun> => {
  const store = memoryObjects([SOURCE, OUTPUT]);
  await store.put(name, body);
  const parts = {
    store,
    models: toyModels(),
    settings: settingsOf({ shardBytes: 2 ** 30, chunkSize: 1_000 }),
  };
  const [task] = await planShards(await startRun(name, parts), parts);
  const outcome = await classifyShard(must(task, 'shard'), parts);
  if (outcome.kind !== 'done') throw new Error(`a quiet run ended as ${outcome.kind}`);
  const objects = await objectsIn(store, OUTPUT);
  const keyOf = (suffix: string) => [...objects.keys()].find((key) => key.endsWith(suffix));
  const output = keyOf('.out');
  return {
    manifestKey: must(keyOf('.manifest.json'), 'manifest'),
    manifest: outcome.manifest,
    ...(output !== undefined && { output: { key: output, bytes: must(objects.get(output), output) } }),
  };
};

/** All objects of a bucket, by their keys. */
export const objectsIn = async (store: ObjectStore, bucket: string): Promise<ReadonlyMap<string, Buffer>> => {
  const objects = new Map<string, Buffer>();
  for await (const head of store.list(bucket, '')) objects.set(head.key, await bytesOf(store.read(head)));
  return objects;
};
