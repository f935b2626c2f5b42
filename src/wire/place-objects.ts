import type { ObjectStore } from '../pipeline/objects/object-store.ts';
import { byBucket } from '../stores/objects/by-bucket.ts';
import { folderObjects } from '../stores/objects/folder.ts';
import { isFolderBucket } from '../stores/objects/place.ts';
import { openS3Objects } from './s3-objects.ts';

/** The objects of these buckets, of which some may be folders of this machine, and of any bucket of S3. */
export const openPlaces = (env: NodeJS.ProcessEnv, buckets: readonly string[]): ObjectStore => {
  const folders = buckets.filter(isFolderBucket);
  const files = folderObjects(Object.fromEntries(folders.map((folder) => [folder, folder])));
  let s3: ObjectStore | undefined;
  return byBucket((bucket) => (isFolderBucket(bucket) ? files : (s3 ??= openS3Objects(env))));
};
