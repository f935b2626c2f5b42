import { join } from 'node:path';
import { classifyObjects } from '../../../../jobs/classify-objects.ts';
import type { Manifest } from '../../../../pipeline/objects/run.ts';
import type { ObjectStore } from '../../../../pipeline/objects/object-store.ts';
import { folderObjects } from '../../../../stores/objects/folder.ts';
import { objectsIn } from '../quiet-run.ts';
import { jobEnvironment, type PlaceOptions, writeFiles } from './places.ts';

/** What a run over a file has left. */
export interface RunOutput {
  /** Undefined where none is written, or where it is not yet. */
  readonly output: Buffer | undefined;
  readonly manifest: Manifest | undefined;
}

/** What the runs over these keys have left in a bucket, where names may have model and version before the key. */
export const runOutputs = async (
  store: ObjectStore,
  bucket: string,
  keys: Iterable<string>,
): Promise<ReadonlyMap<string, RunOutput>> => {
  const objects = await objectsIn(store, bucket);
  const ending = (suffix: string): Buffer | undefined => {
    const key = [...objects.keys()].find((one) => one === suffix || one.endsWith(`/${suffix}`));
    return key === undefined ? undefined : objects.get(key);
  };
  return new Map(
    [...keys].map((key) => {
      const manifest = ending(`${key}.manifest.json`);
      return [
        key,
        {
          output: ending(`${key}.out`),
          manifest: manifest && (JSON.parse(manifest.toString()) as Manifest),
        },
      ];
    }),
  );
};

/** What a run leaves that nothing disturbs, in this process. */
export const quietOutputs = async ({
  root,
  folder,
  files,
}: Pick<PlaceOptions, 'root' | 'folder' | 'files'>): Promise<ReadonlyMap<string, RunOutput>> => {
  const [input, output] = [join(folder, 'quiet-in'), join(folder, 'quiet-out')];
  await writeFiles(input, files);
  const env = { ...jobEnvironment(root, input, output), NAMING: 'plain' };
  const { signal } = new AbortController();
  const { tasks } = await classifyObjects.plan(env, signal);
  const { work } = await classifyObjects.open(env);
  for (const task of tasks) await work(task, signal);
  return runOutputs(folderObjects({ [output]: output }), output, files.keys());
};
