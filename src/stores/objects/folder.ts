import { rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  ObjectError,
  type ObjectHead,
  type ObjectName,
  type ObjectStore,
} from '../../pipeline/objects/object-store.ts';
import { errnoOf, reading, writing } from './folder/errors.ts';
import { removeEmpty } from './folder/in-folder.ts';
import { checkFolder, listFolder } from './folder/list.ts';
import { type Folders, folderOf, pathOf } from './folder/paths.ts';
import { readFileVersion } from './folder/read.ts';
import { type Unfinished, unfinishedIn } from './folder/unfinished.ts';
import { startFileUpload } from './folder/upload.ts';
import { headOf } from './folder/version.ts';
import { writeWhole } from './folder/write.ts';

/**
 * Folders of this machine as buckets: a key is the path of a file in it. Files appear as a whole or not at all, also
 * when the process is killed; what it left is deleted by the next that writes there. The version of a file is its size
 * and the time of its last change.
 *
 * @param named the folders, by the names of their buckets; those that are written to are created
 */
export const folderObjects = (named: Folders): ObjectStore => {
  const folders = Object.fromEntries(Object.entries(named).map(([name, folder]) => [name, resolve(folder)]));
  const unfinished = new Map<string, Unfinished>();
  const placesFor = (bucket: string): Unfinished => {
    const places = unfinished.get(bucket) ?? unfinishedIn(folderOf(folders, bucket));
    unfinished.set(bucket, places);
    return places;
  };
  const head = (name: ObjectName): Promise<ObjectHead> => {
    const path = pathOf(folders, name);
    return reading(path, async () => {
      const stats = await stat(path, { bigint: true }).catch(async (error: unknown) => {
        await checkFolder(folderOf(folders, name.bucket));
        throw error;
      });
      if (stats.isFile()) return headOf(name, stats);
      throw new ObjectError('not-found', `${path} is not a file`);
    });
  };
  return {
    head: async (name) => head(name),
    async *read(object, range) {
      yield* readFileVersion(pathOf(folders, object), object, range);
    },
    put: async (name, body, { ifAbsent = false } = {}) =>
      writeWhole(pathOf(folders, name), placesFor(name.bucket), [body], ifAbsent),
    startUpload: async (name) => startFileUpload(folders, pathOf(folders, name), placesFor(name.bucket)),
    async *list(bucket, prefix) {
      yield* listFolder(bucket, folderOf(folders, bucket), prefix);
    },
    delete: async (bucket, keys) => {
      for (const key of keys) {
        const path = pathOf(folders, { bucket, key });
        await writing(path, async () => {
          try {
            await rm(path);
            await removeEmpty(dirname(path), folderOf(folders, bucket));
          } catch (error) {
            if (!['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) throw error;
          }
        });
      }
    },
  };
};
