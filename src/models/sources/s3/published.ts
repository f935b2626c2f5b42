import { hash } from 'node:crypto';
import { ModelError } from '../../../errors.ts';
import type { ObjectStore } from '../../../pipeline/objects/object-store.ts';
import { MANIFEST_FILE } from '../../folder/folder-format.ts';
import { EXAMPLES_FILE } from '../../folder/examples.ts';
import type { CommonManifest } from '../../folder/model-folder.ts';
import { checkedManifest } from '../../formats/manifest.ts';
import { fileOf, type ModelsLocation, type Pointer, pointerOf, pointerSchema } from './layout.ts';
import { readSmall, urlOf } from './read-object.ts';

/** A version as its `model.json` has it. */
export interface PublishedVersion {
  readonly manifest: CommonManifest;
  /** The bytes of `model.json`, and their sha256. */
  readonly content: Buffer;
  readonly digest: string;
}

export type ReadPointer = Pointer & { readonly etag: string };

const MAX_POINTER_BYTES = 64 * 2 ** 10;
const MAX_MANIFEST_BYTES = 8 * 2 ** 20;

/** Models as they are published below a prefix. */
export interface PublishedModels {
  /**
   * @param known the etag of the pointer that is known already
   * @returns undefined where no version of that name is in use; `same` where it is what is known
   * @throws TransientError; ModelError
   */
  pointer(name: string, known?: string): Promise<ReadPointer | 'same' | undefined>;
  /** @returns undefined where it is not published, or not completely @throws TransientError; ModelError */
  version(name: string, version: string): Promise<PublishedVersion | undefined>;
}

export const publishedModels = (store: ObjectStore, location: ModelsLocation): PublishedModels => ({
  pointer: async (name, known) => {
    const object = pointerOf(location, name);
    const read = await readSmall(store, object, MAX_POINTER_BYTES, known);
    if (read === undefined) return undefined;
    if (read.content === undefined) return 'same';
    const parsed = pointerSchema.safeParse(parseJson(read.content));
    if (parsed.success) return { ...parsed.data, etag: read.etag };
    throw new ModelError(
      `${urlOf(object)} does not name a version as { "version", "digest" }; \`npm run model -- use\` writes it`,
    );
  },
  version: async (name, version) => {
    const object = fileOf(location, { name, version });
    const read = await readSmall(store, object, MAX_MANIFEST_BYTES);
    if (read?.content === undefined) return undefined;
    const manifest: CommonManifest = checkedManifest(urlOf(object), parseJson(read.content));
    requireOwn(urlOf(object), manifest, name, version);
    return { manifest, content: read.content, digest: hash('sha256', read.content, 'hex') };
  },
});

const parseJson = (content: Buffer): unknown => {
  try {
    return JSON.parse(content.toString());
  } catch {
    return undefined;
  }
};

/** @throws ModelError where it is of another model, or does not list its files, or not the examples among them */
const requireOwn = (file: string, manifest: CommonManifest, name: string, version: string): void => {
  if (manifest.name !== name || manifest.version !== version) {
    throw new ModelError(`${file} is that of ${manifest.name}@${manifest.version}`);
  }
  const files = manifest.published?.files;
  if (files === undefined || !Object.hasOwn(files, EXAMPLES_FILE) || Object.hasOwn(files, MANIFEST_FILE)) {
    throw new ModelError(
      `${file} does not list the files of the version, ${EXAMPLES_FILE} among them: publish it with \`npm run model -- publish\``,
    );
  }
};
