import type { ObjectStore } from '../../pipeline/objects/object-store.ts';

/** Several stores as one, by their buckets; parts of an upload are copied within one store. */
export const byBucket = (storeOf: (bucket: string) => ObjectStore): ObjectStore => ({
  head: (name, versionId) => storeOf(name.bucket).head(name, versionId),
  read: (object, range) => storeOf(object.bucket).read(object, range),
  put: (name, body, options) => storeOf(name.bucket).put(name, body, options),
  startUpload: (name, options) => storeOf(name.bucket).startUpload(name, options),
  list: (bucket, prefix) => storeOf(bucket).list(bucket, prefix),
  delete: (bucket, keys) => storeOf(bucket).delete(bucket, keys),
});
