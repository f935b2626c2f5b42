import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { MANIFEST_FILE } from '../../../../models/folder/folder-format.ts';
import { modelId, type ModelFolder } from '../../../../models/folder/model-folder.ts';
import { fileOf } from '../../../../models/sources/s3/layout.ts';
import { urlOf } from '../../../../models/sources/s3/read-object.ts';
import type { ObjectName } from '../../../../pipeline/objects/object-store.ts';
import { contentOf } from '../../../../pipeline/objects/stored-json.ts';
import { withScratch } from '../../../scratch-folder.ts';
import { UserError } from '../../../user-error.ts';
import { forUser, type ModelsInS3 } from './models-in-s3.ts';
import { type PreparedVersion, prepareVersion } from './prepared-version.ts';

export interface PublishedToS3 {
  /** Whether it was not there yet. */
  readonly isNew: boolean;
  readonly bytes: number;
  readonly files: number;
  readonly examples: number;
}

/**
 * Publishes a version: its files, and `model.json` last, by which it is there. A version is never overwritten; the same
 * content once more changes nothing, and goes on with an upload that was interrupted.
 *
 * @param scratch a folder for the files on their way
 * @throws UserError where another content has that version
 */
export const publishToS3 = async (
  { store, location, published }: ModelsInS3,
  model: ModelFolder,
  scratch: string,
): Promise<PublishedToS3> => {
  const { name, version } = model.manifest;
  const toObject = (file: string): ObjectName => fileOf(location, { name, version }, file);
  const putOnce = async (file: string, content: Buffer): Promise<boolean> => {
    if ((await store.put(toObject(file), content, { ifAbsent: true })) === 'written') return true;
    if ((await digestOf(toObject(file))) === hash('sha256', content, 'hex')) return false;
    throw new UserError(
      `${urlOf(toObject(file))} is there with another content, and a version is never overwritten. Give the model another ` +
        'version in its folder and model.json.',
    );
  };
  const digestOf = async (object: ObjectName): Promise<string> =>
    hash('sha256', await contentOf(store, object), 'hex');
  const upload = async ({ files, manifest, digest }: PreparedVersion): Promise<boolean> => {
    const there = await published.version(name, version);
    if (there !== undefined && there.digest !== digest) {
      throw new UserError(
        `${modelId(model.manifest)} is published with another content, and a version is never overwritten. Nothing was ` +
          'changed: give the model another version in its folder and model.json.',
      );
    }
    if (there !== undefined) return false;
    for (const [file, path] of files) await putOnce(file, await readFile(path));
    return putOnce(MANIFEST_FILE, Buffer.from(manifest));
  };
  try {
    return await withScratch(scratch, async (folder) => {
      const prepared = await prepareVersion(model, folder);
      const isNew = await upload(prepared);
      return { isNew, bytes: prepared.bytes, files: prepared.files.size, examples: prepared.examples };
    });
  } catch (cause) {
    throw forUser(cause);
  }
};
