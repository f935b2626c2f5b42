import { receiveBody, textBody } from '../body.ts';
import { type Bucket, bucketOf, type StoredVersion } from '../buckets.ts';
import { checkRead, checkWrite, rangeOf } from '../conditions.ts';
import { noSuchKey, S3Error } from '../errors.ts';
import type { S3Request, S3Response } from '../request.ts';
import { elementsOf, textOf, xmlDocument } from '../xml.ts';
import { keptHeaders } from './kept-headers.ts';
import { announce, type Operation, versionHeader } from './operation.ts';

/** @throws S3Error where there is no such version, or it is the mark of a deletion */
export const versionOf = (bucket: Bucket, key: string, versionId: string | undefined): StoredVersion => {
  const version = bucket.find(key, versionId);
  if (version?.isDeleted === true) {
    throw new S3Error(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.');
  }
  if (version !== undefined) return version;
  if (versionId === undefined) throw noSuchKey(key);
  throw new S3Error(404, 'NoSuchVersion', 'The specified version does not exist.');
};

const headersOf = (version: StoredVersion, request: S3Request, isWhole: boolean) => ({
  'accept-ranges': 'bytes',
  etag: `"${version.etag}"`,
  'last-modified': version.modified.toUTCString(),
  'content-type': 'binary/octet-stream',
  ...version.headers,
  ...(isWhole &&
    version.checksum !== undefined &&
    request.headers['x-amz-checksum-mode'] === 'ENABLED' && {
      [version.checksum[0]]: version.checksum[1],
      'x-amz-checksum-type': 'FULL_OBJECT',
    }),
});

/** What GET and HEAD have in common. */
const look: (
  ...parameters: Parameters<Operation>
) => S3Response & { readonly version: StoredVersion; readonly start: number; readonly end: number } = (
  world,
  request,
) => {
  const bucket = bucketOf(world.buckets, request.bucket);
  const version = versionOf(bucket, request.key, request.query.get('versionId') ?? undefined);
  const isHeld = checkRead(request.headers, version);
  const range = isHeld ? undefined : rangeOf(request.headers.range, version.size);
  const { start, end } = range ?? { start: 0, end: version.size };
  return {
    ...{ version, start, end },
    status: isHeld ? 304 : range === undefined ? 200 : 206,
    headers: {
      ...headersOf(version, request, range === undefined),
      ...versionHeader(world, request, version),
      ...(!isHeld && { 'content-length': end - start }),
      ...(range !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${version.size}` }),
    },
  };
};

export const headObject: Operation = async (world, request) => {
  const { status, headers = {} } = look(world, request);
  return { status, headers };
};

export const getObject: Operation = async (world, request) => {
  const { status, headers = {}, version, start, end } = look(world, request);
  if (status === 304) return { status, headers };
  return { status, headers, body: world.storage.read(version.segments, start, end) };
};

export const putObject: Operation = async (world, request) => {
  const { buckets, storage } = world;
  const bucket = bucketOf(buckets, request.bucket);
  const { segment, md5, checksum } = await receiveBody(request.headers, request.body, storage);
  try {
    checkWrite(request.headers, request.key, bucket.find(request.key));
  } catch (error) {
    await storage.release([segment]);
    throw error;
  }
  const headers = keptHeaders(request.headers);
  const version = await bucket.add(request.key, {
    ...{ etag: md5, segments: [segment], size: segment.length, headers, checksum },
  });
  announce(world, request, version, 'PutObject');
  return {
    status: 200,
    headers: {
      etag: `"${md5}"`,
      ...(checksum && { [checksum[0]]: checksum[1], 'x-amz-checksum-type': 'FULL_OBJECT' }),
      ...versionHeader(world, request, version),
    },
  };
};

export const deleteObject: Operation = async (world, request) => {
  const bucket = bucketOf(world.buckets, request.bucket);
  const versionId = request.query.get('versionId') ?? undefined;
  const mark = await bucket.remove(request.key, versionId);
  return {
    status: 204,
    headers: mark ? { 'x-amz-delete-marker': 'true', 'x-amz-version-id': mark.versionId } : {},
  };
};

const MOST_KEYS = 1_000;

export const deleteObjects: Operation = async ({ buckets }, request) => {
  const bucket = bucketOf(buckets, request.bucket);
  const xml = await textBody(request.headers, request.body);
  const objects = elementsOf(xml, 'Object');
  if (objects.length === 0 || objects.length > MOST_KEYS) {
    throw new S3Error(
      400,
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  const deleted = [];
  for (const object of objects) {
    const Key = textOf(object, 'Key') ?? '';
    const VersionId = textOf(object, 'VersionId');
    const mark = await bucket.remove(Key, VersionId);
    deleted.push({
      ...{ Key, VersionId },
      ...(mark && { DeleteMarker: true, DeleteMarkerVersionId: mark.versionId }),
    });
  }
  const isQuiet = textOf(xml, 'Quiet') === 'true';
  return { status: 200, body: xmlDocument('DeleteResult', isQuiet ? {} : { Deleted: deleted }) };
};
