import { ModelError } from '../../errors.ts';
import type { ObjectStore } from '../../pipeline/objects/object-store.ts';
import { MANIFEST_FILE } from '../folder/folder-format.ts';
import type { ChangingModels, ModelFolder } from '../folder/model-folder.ts';
import { fetchModel, filesToFetch } from './s3/fetch-model.ts';
import { type ModelsLocation, parseName, POINTER_FILE, urlOf } from './s3/layout.ts';
import { modelDisk, type ModelDiskOptions } from './s3/model-disk.ts';
import { type PublishedVersion, publishedModels } from './s3/published.ts';
import { readFault } from './s3/read-object.ts';

export interface S3ModelsOptions extends ModelDiskOptions {
  /** As `process.arch` names it: files for other CPUs are not fetched. */
  readonly cpu?: string;
}

/**
 * Models in S3, `<prefix><name>/<version>/`, of which `<prefix><name>/current.json` names the version in use. They are
 * fetched into a folder on first use; every file is checked against the digests in `model.json` on its way, and that
 * against the digest in the pointer.
 */
export const s3Models = (
  store: ObjectStore,
  location: ModelsLocation,
  { cpu = process.arch, ...options }: S3ModelsOptions,
): ChangingModels => {
  const published = publishedModels(store, location);
  const disk = modelDisk(options);
  /** By the folder that each is fetched into. */
  const versions = new Map<string, PublishedVersion>();
  const pointers = new Map<string, { readonly etag: string; readonly model: ModelFolder }>();

  const toFolder = (version: PublishedVersion): ModelFolder => {
    const { manifest, digest } = version;
    // A list that cannot be right is refused before it is anybody's current version.
    filesToFetch(manifest, cpu);
    const folder = disk.folderOf(manifest.name, manifest.version, digest);
    versions.set(folder, version);
    return { folder, manifest };
  };

  const current = async (name: string): Promise<ModelFolder | undefined> => {
    const known = pointers.get(name);
    // Where the pointer is replaced while it is followed, it is followed once more.
    for (let attempt = 1; ; attempt += 1) {
      const pointer = await published.pointer(name, known?.etag);
      if (pointer === undefined || pointer === 'same') return pointer && known?.model;
      const version = await published.version(name, pointer.version);
      if (version?.digest === pointer.digest) {
        const model = toFolder(version);
        pointers.set(name, { etag: pointer.etag, model });
        return model;
      }
      if (attempt === 2) throw notAsPointed(name, pointer.version, version !== undefined);
    }
  };
  const notAsPointed = (name: string, version: string, isThere: boolean): ModelError =>
    new ModelError(
      `${urlOf(location)}${name}/${POINTER_FILE} names version ${version}, ` +
        `${isThere ? 'whose model.json has another digest' : 'which is not there'}; run \`npm run model -- use\` again`,
    );

  return {
    find: async (written) => {
      const { name, version } = parseName(written) ?? {};
      if (name === undefined) return undefined;
      if (version === undefined) return current(name);
      const found = await published.version(name, version);
      return found && toFolder(found);
    },
    before: async (name) => {
      const pointer = await published.pointer(name);
      const models: ModelFolder[] = [];
      for (const { version, digest } of pointer === undefined || pointer === 'same' ? [] : pointer.before) {
        const found = await published.version(name, version);
        if (found?.digest === digest) models.push(toFolder(found));
      }
      return models;
    },
    names: async () => {
      const { bucket, prefix } = location;
      try {
        const names: string[] = [];
        for await (const { key } of store.list(bucket, prefix)) {
          const [name = '', file = '', inVersion, ...more] = key.slice(prefix.length).split('/');
          if (file === POINTER_FILE && inVersion === undefined) names.push(name);
          if (inVersion === MANIFEST_FILE && more.length === 0) names.push(`${name}@${file}`);
        }
        return names;
      } catch (cause) {
        throw readFault(cause, { bucket, key: prefix });
      }
    },
    fetch: async ({ folder, manifest }, isLoaded) => {
      const version = versions.get(folder);
      if (version === undefined) throw new ModelError(`${folder} is not a folder of models from S3`);
      const { bytes } = filesToFetch(manifest, cpu);
      const total = bytes + version.content.length;
      const write = (part: string) => fetchModel(store, location, version, part, cpu);
      await disk.fill(folder, total, write, isLoaded);
    },
  };
};
