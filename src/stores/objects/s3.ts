import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { errorName, must } from '../../errors.ts';
import {
  type ObjectHead,
  type ObjectName,
  type ObjectStore,
  type WriteOptions,
  type WriteResult,
} from '../../pipeline/objects/object-store.ts';
import { deleteObjects } from './s3/delete.ts';
import { fromS3, statusOf } from './s3/errors.ts';
import { listObjects } from './s3/list.ts';
import { readObject, type ReadPatience } from './s3/read.ts';
import { unquoted } from './s3/etag.ts';
import { startMultipartUpload } from './s3/upload.ts';

export type S3ObjectsOptions = Partial<ReadPatience>;

/**
 * Objects in Amazon S3. The client makes its own retries; reads that break are taken up here, because the SDK has
 * handed over the body by then.
 *
 * A write of `ifAbsent` whose first answer was lost finds its own object and says `exists`: the name holds an object.
 */
export const s3Objects = (
  client: S3Client,
  { attempts = 6, pauseMs = 100, silenceMs = 30_000 }: S3ObjectsOptions = {},
): ObjectStore => {
  /**
   * The answer to HEAD has no body, that would say whether it is the bucket that is missing, or that credentials have
   * expired: the answer to GET has.
   */
  const reasonOf = async (error: unknown, input: GetObjectCommandInput): Promise<unknown> => {
    const status = statusOf(error) ?? 500;
    if (status < 300 || status >= 500) return error;
    try {
      const { Body } = await client.send(new GetObjectCommand({ ...input, Range: 'bytes=0-0' }));
      await Body?.transformToByteArray();
      return error;
    } catch (reason) {
      return statusOf(reason) === 416 ? error : reason;
    }
  };

  const head = async ({ bucket, key }: ObjectName, versionId?: string): Promise<ObjectHead> => {
    const input = { Bucket: bucket, Key: key, VersionId: versionId };
    try {
      const { ETag, ContentLength, VersionId } = await client.send(new HeadObjectCommand(input));
      return {
        ...{ bucket, key },
        etag: unquoted(must(ETag, 'ETag of HeadObject')),
        size: must(ContentLength, 'ContentLength of HeadObject'),
        ...(VersionId !== undefined && { versionId: VersionId }),
      };
    } catch (error) {
      throw fromS3({ operation: 'HeadObject', bucket, key }, await reasonOf(error, input));
    }
  };

  const put = async (
    { bucket, key }: ObjectName,
    body: Uint8Array,
    { ifAbsent = false, contentType }: WriteOptions = {},
  ): Promise<WriteResult> => {
    const command = () =>
      new PutObjectCommand({
        ...{ Bucket: bucket, Key: key, Body: body, ContentType: contentType },
        ...(ifAbsent && { IfNoneMatch: '*' }),
      });
    for (let attempt = 1; ; attempt += 1) {
      try {
        await client.send(command());
        return 'written';
      } catch (error) {
        if (ifAbsent && statusOf(error) === 412) return 'exists';
        // Two conditional writes of one name at a time: S3 asks for it again, the SDK does not do so.
        const isConflict = errorName(error) === 'ConditionalRequestConflict';
        if (!isConflict || attempt >= attempts) throw fromS3({ operation: 'PutObject', bucket, key }, error);
        await sleep(Math.random() * pauseMs * 2 ** attempt);
      }
    }
  };

  return {
    head,
    read: (object, range) => readObject(client, object, range, { attempts, pauseMs, silenceMs }),
    put,
    startUpload: (name, { contentType } = {}) =>
      startMultipartUpload(client, { head, put }, name, contentType),
    list: (bucket, prefix) => listObjects(client, bucket, prefix),
    delete: (bucket, keys) => deleteObjects(client, bucket, keys, { attempts, pauseMs }),
  };
};
