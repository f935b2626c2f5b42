import { notImplemented } from './errors.ts';
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
  putBucketVersioning,
} from './operations/bucket.ts';
import { copyObject } from './operations/copying.ts';
import { listObjectsV2 } from './operations/listing.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  uploadPart,
  uploadPartCopy,
} from './operations/multipart.ts';
import { deleteObject, deleteObjects, getObject, headObject, putObject } from './operations/objects.ts';
import type { Operation } from './operations/operation.ts';
import { listMultipartUploads, listParts } from './operations/uploads.ts';
import type { S3Request } from './request.ts';

interface Route {
  readonly method: string;
  readonly name: string;
  readonly run: Operation;
  /** A parameter of the query that tells it from others of the method. */
  readonly parameter?: string;
  readonly isCopy?: boolean;
}

/** Those with more to tell them first. */
const OF_BUCKETS: readonly Route[] = [
  { method: 'GET', parameter: 'list-type', name: 'ListObjectsV2', run: listObjectsV2 },
  { method: 'GET', parameter: 'location', name: 'GetBucketLocation', run: getBucketLocation },
  { method: 'GET', parameter: 'uploads', name: 'ListMultipartUploads', run: listMultipartUploads },
  { method: 'GET', parameter: 'versioning', name: 'GetBucketVersioning', run: getBucketVersioning },
  { method: 'PUT', parameter: 'versioning', name: 'PutBucketVersioning', run: putBucketVersioning },
  { method: 'POST', parameter: 'delete', name: 'DeleteObjects', run: deleteObjects },
  { method: 'PUT', name: 'CreateBucket', run: createBucket },
  { method: 'HEAD', name: 'HeadBucket', run: headBucket },
  { method: 'DELETE', name: 'DeleteBucket', run: deleteBucket },
];

const OF_OBJECTS: readonly Route[] = [
  { method: 'PUT', parameter: 'partNumber', isCopy: true, name: 'UploadPartCopy', run: uploadPartCopy },
  { method: 'PUT', parameter: 'partNumber', name: 'UploadPart', run: uploadPart },
  { method: 'POST', parameter: 'uploads', name: 'CreateMultipartUpload', run: createMultipartUpload },
  { method: 'POST', parameter: 'uploadId', name: 'CompleteMultipartUpload', run: completeMultipartUpload },
  { method: 'DELETE', parameter: 'uploadId', name: 'AbortMultipartUpload', run: abortMultipartUpload },
  { method: 'GET', parameter: 'uploadId', name: 'ListParts', run: listParts },
  { method: 'PUT', isCopy: true, name: 'CopyObject', run: copyObject },
  { method: 'PUT', name: 'PutObject', run: putObject },
  { method: 'GET', name: 'GetObject', run: getObject },
  { method: 'HEAD', name: 'HeadObject', run: headObject },
  { method: 'DELETE', name: 'DeleteObject', run: deleteObject },
];

const OF_ALL: readonly Route[] = [{ method: 'GET', name: 'ListBuckets', run: listBuckets }];

/** Parameters that change nothing about which operation it is. */
const PLAIN = /^(x-id|versionId|response-.*|X-Amz-.*)$/;

/** The operation that a request is for. @throws S3Error (501) for another one */
export const routeOf = (
  request: Pick<S3Request, 'method' | 'bucket' | 'key' | 'query' | 'headers'>,
): Pick<Route, 'name' | 'run'> => {
  const { method, bucket, key, query, headers } = request;
  const routes = bucket === '' ? OF_ALL : key === '' ? OF_BUCKETS : OF_OBJECTS;
  const isCopy = 'x-amz-copy-source' in headers;
  const route = routes.find(
    (candidate) =>
      candidate.method === method &&
      (candidate.parameter === undefined
        ? [...query.keys()].every((parameter) => PLAIN.test(parameter))
        : query.has(candidate.parameter)) &&
      (candidate.isCopy ?? false) === isCopy,
  );
  if (route === undefined)
    throw notImplemented(`${method} with ${[...query.keys()].join(', ') || 'no query'}`);
  return route;
};
