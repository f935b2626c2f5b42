import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { errorName, must } from '../../../errors.ts';
import type {
  ObjectName,
  ObjectStore,
  ObjectUpload,
  ObjectVersion,
  WriteResult,
} from '../../../pipeline/objects/object-store.ts';
import { calling, fromS3, statusOf } from './errors.ts';

/**
 * The header `x-amz-copy-source`: URL-encoded but for the slashes.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
 */
const copySource = ({ bucket, key, versionId }: ObjectVersion): string => {
  const encoded = `${bucket}/${key}`.split('/').map(encodeURIComponent).join('/');
  return versionId === undefined ? encoded : `${encoded}?versionId=${encodeURIComponent(versionId)}`;
};

/**
 * Begins a multipart upload.
 *
 * @param store writes an object of no parts, which an upload cannot have, and looks what a name holds
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export const startMultipartUpload = async (
  client: S3Client,
  store: Pick<ObjectStore, 'head' | 'put'>,
  name: ObjectName,
  contentType: string | undefined,
): Promise<ObjectUpload> => {
  const Bucket = name.bucket;
  const Key = name.key;
  const send = <Answer>(operation: string, work: () => Promise<Answer>): Promise<Answer> =>
    calling({ operation, ...name }, work);
  const created = await send('CreateMultipartUpload', () =>
    client.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType: contentType })),
  );
  const UploadId = must(created.UploadId, 'UploadId of CreateMultipartUpload');
  const upload = { Bucket, Key, UploadId };
  const etags = new Map<number, string>();

  const abort = async (): Promise<void> => {
    await send('AbortMultipartUpload', async () => {
      try {
        await client.send(new AbortMultipartUploadCommand(upload));
      } catch (error) {
        if (errorName(error) !== 'NoSuchUpload') throw error;
      }
    });
  };

  const isThere = async (): Promise<boolean> => {
    try {
      await store.head(name);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'not-found') return false;
      throw error;
    }
  };

  const complete = async (ifAbsent: boolean): Promise<WriteResult> => {
    if (etags.size === 0) {
      await abort();
      return store.put(name, new Uint8Array(), {
        ifAbsent,
        ...(contentType !== undefined && { contentType }),
      });
    }
    const Parts = [...etags]
      .map(([PartNumber, ETag]) => ({ PartNumber, ETag }))
      .toSorted((one, other) => one.PartNumber - other.PartNumber);
    try {
      await client.send(
        new CompleteMultipartUploadCommand({
          ...{ ...upload, MultipartUpload: { Parts } },
          ...(ifAbsent && { IfNoneMatch: '*' }),
        }),
      );
      return 'written';
    } catch (error) {
      // 409: somebody else writes the name. 404: a repeated request whose first answer was lost finds no upload.
      const isUnclear = statusOf(error) === 409 || errorName(error) === 'NoSuchUpload';
      const exists = ifAbsent && (statusOf(error) === 412 || (isUnclear && (await isThere())));
      if (!exists) throw fromS3({ operation: 'CompleteMultipartUpload', ...name }, error);
      // The object is there; parts that stay are for the bucket's lifecycle rule.
      await abort().catch(() => undefined);
      return 'exists';
    }
  };

  return {
    part: async (PartNumber, Body) => {
      const part = { ...upload, PartNumber, Body };
      const { ETag } = await send('UploadPart', () => client.send(new UploadPartCommand(part)));
      etags.set(PartNumber, must(ETag, 'ETag of UploadPart'));
    },
    copy: async (PartNumber, source, range) => {
      const command = new UploadPartCopyCommand({
        ...{ ...upload, PartNumber, CopySource: copySource(source) },
        CopySourceIfMatch: `"${source.etag}"`,
        ...(range && { CopySourceRange: `bytes=${range.start}-${range.end - 1}` }),
      });
      const call = { operation: 'UploadPartCopy', bucket: source.bucket, key: source.key };
      const { CopyPartResult } = await calling(call, () => client.send(command));
      etags.set(PartNumber, must(CopyPartResult?.ETag, 'ETag of UploadPartCopy'));
    },
    complete: ({ ifAbsent = false } = {}) => complete(ifAbsent),
    abort,
  };
};
