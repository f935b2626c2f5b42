import { createHash } from 'node:crypto';
import {
  type ByteRange,
  ObjectError,
  type ObjectHead,
  type ObjectName,
  type ObjectStore,
  type ObjectVersion,
  type WriteResult,
} from '../../pipeline/objects/object-store.ts';

interface StoredObject {
  readonly etag: string;
  readonly body: Uint8Array;
}

const CHUNK_BYTES = 64 * 1024;

/** By their UTF-8 bytes, as S3 sorts keys. */
const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

/** Objects in memory, as S3 has them. @param buckets those that there are */
export const memoryObjects = (
  buckets: readonly string[],
  sizes: Pick<ObjectStore, 'leastPartBytes'> = {},
): ObjectStore => {
  const stored = new Map(buckets.map((bucket) => [bucket, new Map<string, StoredObject>()]));

  const objectsOf = (bucket: string): Map<string, StoredObject> => {
    const objects = stored.get(bucket);
    if (objects !== undefined) return objects;
    throw new ObjectError('no-such-bucket', `There is no bucket ${bucket}`);
  };

  const get = ({ bucket, key }: ObjectName): StoredObject => {
    const object = objectsOf(bucket).get(key);
    if (object !== undefined) return object;
    throw new ObjectError('not-found', `There is no object s3://${bucket}/${key}`);
  };

  const bytes = (object: ObjectVersion, range?: ByteRange): Uint8Array => {
    const { etag, body } = get(object);
    if (etag === object.etag) return body.subarray(range?.start ?? 0, range?.end ?? body.length);
    throw new ObjectError('replaced', `s3://${object.bucket}/${object.key} holds another version by now`);
  };

  async function* read(object: ObjectVersion, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const body = bytes(object, range);
    for (let position = 0; position < body.length; position += CHUNK_BYTES) {
      yield body.slice(position, position + CHUNK_BYTES);
    }
  }

  const put = async (
    { bucket, key }: ObjectName,
    body: Uint8Array,
    { ifAbsent = false }: { readonly ifAbsent?: boolean } = {},
  ): Promise<WriteResult> => {
    const objects = objectsOf(bucket);
    if (ifAbsent && objects.has(key)) return 'exists';
    objects.set(key, { body: new Uint8Array(body), etag: createHash('md5').update(body).digest('hex') });
    return 'written';
  };

  async function* list(bucket: string, prefix: string): AsyncGenerator<ObjectHead> {
    const objects = objectsOf(bucket);
    for (const key of [...objects.keys()].filter((name) => name.startsWith(prefix)).toSorted(byBytes)) {
      const object = objects.get(key);
      if (object !== undefined) yield { bucket, key, etag: object.etag, size: object.body.length };
    }
  }

  return {
    ...sizes,
    head: async (name) => {
      const { etag, body } = get(name);
      return { bucket: name.bucket, key: name.key, etag, size: body.length };
    },
    read,
    put,
    startUpload: async (name) => {
      objectsOf(name.bucket);
      let parts: Map<number, Uint8Array> | undefined = new Map();
      const open = (): Map<number, Uint8Array> => {
        if (parts !== undefined) return parts;
        throw new ObjectError('not-found', `The upload of s3://${name.bucket}/${name.key} is over`);
      };
      return {
        part: async (number, body) => void open().set(number, new Uint8Array(body)),
        copy: async (number, source, range) => void open().set(number, new Uint8Array(bytes(source, range))),
        complete: async ({ ifAbsent = false } = {}) => {
          const inOrder = [...open()].toSorted(([one], [other]) => one - other).map(([, body]) => body);
          const result = await put(name, Buffer.concat(inOrder), { ifAbsent });
          parts = undefined;
          return result;
        },
        abort: async () => {
          parts = undefined;
        },
      };
    },
    list,
    delete: async (bucket, keys) => {
      const objects = objectsOf(bucket);
      for (const key of keys) objects.delete(key);
    },
  };
};
