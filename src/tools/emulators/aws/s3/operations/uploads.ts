import { bucketOf } from '../buckets.ts';
import { byBytes } from '../by-bytes.ts';
import { noSuchUpload } from '../errors.ts';
import { required } from '../request.ts';
import { xmlDocument } from '../xml.ts';
import type { Operation } from './operation.ts';

const MOST_PARTS = 1_000;

export const listParts: Operation = async ({ buckets }, request) => {
  const id = required(request, 'uploadId');
  const upload = bucketOf(buckets, request.bucket).uploads.get(id);
  if (upload?.key !== request.key) throw noSuchUpload(id);
  const after = Number(request.query.get('part-number-marker') ?? 0);
  const most = Math.min(MOST_PARTS, Number(request.query.get('max-parts') ?? MOST_PARTS));
  const left = [...upload.parts.values()]
    .filter(({ number }) => number > after)
    .toSorted((one, other) => one.number - other.number);
  const parts = left.slice(0, most);
  return {
    status: 200,
    body: xmlDocument('ListPartsResult', {
      ...{ Bucket: request.bucket, Key: request.key, UploadId: id, PartNumberMarker: after, MaxParts: most },
      NextPartNumberMarker: parts.at(-1)?.number ?? 0,
      IsTruncated: left.length > parts.length,
      Part: parts.map(({ number, etag, size, modified }) => ({
        ...{ PartNumber: number, LastModified: modified.toISOString(), ETag: `"${etag}"`, Size: size },
      })),
    }),
  };
};

/** All at once: nobody keeps a thousand uploads open here. */
export const listMultipartUploads: Operation = async ({ buckets }, request) => {
  const prefix = request.query.get('prefix') ?? '';
  const uploads = [...bucketOf(buckets, request.bucket).uploads.values()]
    .filter(({ key }) => key.startsWith(prefix))
    .toSorted((one, other) => byBytes(one.key, other.key));
  return {
    status: 200,
    body: xmlDocument('ListMultipartUploadsResult', {
      ...{ Bucket: request.bucket, Prefix: prefix, IsTruncated: false },
      Upload: uploads.map(({ key, id, initiated }) => ({
        ...{ Key: key, UploadId: id, Initiated: initiated.toISOString() },
      })),
    }),
  };
};
