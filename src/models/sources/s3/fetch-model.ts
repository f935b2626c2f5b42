import { createHash } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ModelError } from '../../../errors.ts';
import { ObjectError, type ObjectName, type ObjectStore } from '../../../pipeline/objects/object-store.ts';
import { MANIFEST_FILE } from '../../folder/folder-format.ts';
import type { CommonManifest, PublishedFile } from '../../folder/model-folder.ts';
import { nameFault } from '../../folder/named-file.ts';
import { fileOf, type ModelsLocation } from './layout.ts';
import type { PublishedVersion } from './published.ts';
import { readFault, urlOf } from './read-object.ts';

/** Files that are read side by side: small ones wait for the network, not for this CPU. */
const CONCURRENCY = 4;
const MAX_FILES = 1_000;

/** The files that a CPU needs of a published version, and their bytes. @throws ModelError where a name is no file's */
export const filesToFetch = (
  { name, version, published }: CommonManifest,
  cpu: string,
): { readonly files: readonly (readonly [string, PublishedFile])[]; readonly bytes: number } => {
  const files = Object.entries(published?.files ?? {}).filter(([, { cpu: only = cpu }]) => only === cpu);
  const odd = files.map(([file]) => nameFault(file)).find((fault) => fault !== undefined);
  if (odd !== undefined) throw new ModelError(`${name}@${version} lists a file whose name ${odd}`);
  if (files.length > MAX_FILES) throw new ModelError(`${name}@${version} lists more than ${MAX_FILES} files`);
  return { files, bytes: files.reduce((total, [, { bytes }]) => total + bytes, 0) };
};

/**
 * Writes the files of a version into a folder, checked against their digests as they pass; its `model.json` last.
 *
 * @throws ModelError where a file is not that of the manifest; TransientError where it cannot be read now
 */
export const fetchModel = async (
  store: ObjectStore,
  location: ModelsLocation,
  { manifest, content }: PublishedVersion,
  folder: string,
  cpu: string = process.arch,
): Promise<void> => {
  const queue = [...filesToFetch(manifest, cpu).files];
  let failed = false;
  const next = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined && !failed; one = queue.shift()) {
      const [file, expected] = one;
      try {
        await fetchFile(store, fileOf(location, manifest, file), join(folder, file), expected);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  // All of them have ended before the folder is removed.
  const ended = await Promise.allSettled(Array.from({ length: CONCURRENCY }, next));
  const fault = ended.find((one) => one.status === 'rejected');
  if (fault !== undefined) throw fault.reason;
  await writeFile(join(folder, MANIFEST_FILE), content);
};

const fetchFile = async (
  store: ObjectStore,
  name: ObjectName,
  to: string,
  { sha256, bytes }: PublishedFile,
): Promise<void> => {
  const digest = createHash('sha256');
  let read = 0;
  await mkdir(dirname(to), { recursive: true });
  const file = await open(to, 'wx');
  try {
    for await (const chunk of chunksOf(store, name)) {
      read += chunk.length;
      if (read > bytes) break;
      digest.update(chunk);
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  if (read === bytes && digest.digest('hex') === sha256) return;
  const found = read > bytes ? 'more' : String(read);
  throw new ModelError(
    `${urlOf(name)} is not the file of its manifest: expected ${bytes} bytes of sha256 ${sha256}, found ${found} bytes; publish the version again under another number`,
  );
};

async function* chunksOf(store: ObjectStore, name: ObjectName): AsyncGenerator<Uint8Array> {
  try {
    yield* store.read(await store.head(name));
  } catch (cause) {
    if (cause instanceof ObjectError && cause.code === 'not-found') {
      throw new ModelError(`${urlOf(name)} is missing, though the manifest of its version lists it`, {
        cause,
      });
    }
    throw readFault(cause, name);
  }
}
