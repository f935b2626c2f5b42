import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { formatOf } from '../../pipeline/objects/formats/formats.ts';
import type { ObjectStore } from '../../pipeline/objects/object-store.ts';
import type { Manifest } from '../../pipeline/objects/run.ts';
import { bytesOf } from '../../pipeline/objects/stored-json.ts';
import type { InputFile } from './buckets.ts';
import { countRecords } from './count-records.ts';

/** What became of a file, with one model. */
export interface CheckedOutput {
  readonly key: string;
  readonly manifest: Manifest;
  /** Where its output is on this machine; undefined where there is none. */
  readonly path: string | undefined;
  /** What is wrong; undefined where each of its records has an answer. */
  readonly fault: string | undefined;
}

/** The manifests of runs over objects of a bucket, by their ETags. */
export const manifestsOf = async (
  store: ObjectStore,
  bucket: string,
  etags: ReadonlyMap<string, string>,
): Promise<readonly Manifest[]> => {
  const manifests: Manifest[] = [];
  for await (const head of store.list(bucket, '')) {
    if (!head.key.endsWith('.manifest.json')) continue;
    const manifest = JSON.parse((await bytesOf(store.read(head))).toString()) as Manifest;
    if (etags.get(manifest.source.key) === manifest.source.etag) manifests.push(manifest);
  }
  return manifests;
};

/** Fetches the output of a run into a folder, and compares its records with those of the file. */
export const checkOutput = async (
  store: ObjectStore,
  manifest: Manifest,
  file: InputFile,
  folder: string,
): Promise<CheckedOutput> => {
  const { key } = file;
  const { output, status, error, counts } = manifest;
  if (output === undefined || status !== 'complete') {
    const why = error === undefined ? status : `${error.code}: ${error.message}`;
    return { key, manifest, path: undefined, fault: why };
  }
  const path = join(folder, manifest.model, `${key}.out`);
  await mkdir(dirname(path), { recursive: true });
  await pipeline(store.read(await store.head(output)), createWriteStream(path));
  const [before, after] = [await countRecords(file.path, key), await countRecords(path, plainName(key))];
  const isRight = before === counts.lines && after === counts.lines;
  return {
    ...{ key, manifest, path },
    fault: isRight
      ? undefined
      : `the file has ${before} records, the output ${after}, and its manifest says ${counts.lines}`,
  };
};

/** The output of what is no table and not Parquet is JSON lines. */
const plainName = (key: string): string => {
  const { name } = formatOf(key);
  return name === 'csv' || name === 'tsv' || name === 'parquet' ? `a.${name}` : 'a.jsonl';
};
