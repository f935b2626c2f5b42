import { createHash } from 'node:crypto';
import { type Bucket, bucketOf, type StoredVersion } from '../buckets.ts';
import { checkCopySource, checkWrite } from '../conditions.ts';
import { S3Error } from '../errors.ts';
import type { S3Request } from '../request.ts';
import type { Segment, Storage } from '../storage.ts';
import { xmlDocument } from '../xml.ts';
import { keptHeaders } from './kept-headers.ts';
import { versionOf } from './objects.ts';
import { announce, type Operation, type S3World, versionHeader } from './operation.ts';

/** The object that a request copies, as far as its conditions hold. */
export const copySourceOf = ({ buckets }: S3World, { headers }: S3Request): StoredVersion => {
  const [path = '', query = ''] = String(headers['x-amz-copy-source']).replace(/^\//, '').split('?');
  let name = '';
  try {
    name = decodeURIComponent(path);
  } catch {
    throw new S3Error(400, 'InvalidArgument', 'Copy Source must mention the source bucket and key');
  }
  const slash = name.indexOf('/');
  if (slash < 1) {
    throw new S3Error(
      400,
      'InvalidArgument',
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    );
  }
  const bucket: Bucket = bucketOf(buckets, name.slice(0, slash));
  const versionId = new URLSearchParams(query).get('versionId') ?? undefined;
  const source = versionOf(bucket, name.slice(slash + 1), versionId);
  checkCopySource(headers, source);
  return source;
};

/** The MD5 of stored bytes, in hex. */
export const md5Of = async (
  storage: Storage,
  segments: readonly Segment[],
  size: number,
): Promise<string> => {
  const hash = createHash('md5');
  for await (const chunk of storage.read(segments, 0, size)) hash.update(chunk);
  return hash.digest('hex');
};

export const copyObject: Operation = async (world, request) => {
  const { buckets, storage } = world;
  const bucket = bucketOf(buckets, request.bucket);
  const source = copySourceOf(world, request);
  const { segments, size, checksum } = source;
  storage.hold(segments);
  try {
    const etag = await md5Of(storage, segments, size);
    checkWrite(request.headers, request.key, bucket.find(request.key));
    const isReplaced = request.headers['x-amz-metadata-directive'] === 'REPLACE';
    const headers = isReplaced ? keptHeaders(request.headers) : source.headers;
    const version = await bucket.add(request.key, { etag, segments, size, headers, checksum });
    announce(world, request, version, 'CopyObject');
    return {
      status: 200,
      headers: versionHeader(world, request, version),
      body: xmlDocument('CopyObjectResult', {
        ETag: `"${etag}"`,
        LastModified: version.modified.toISOString(),
      }),
    };
  } catch (error) {
    await storage.release(segments);
    throw error;
  }
};
