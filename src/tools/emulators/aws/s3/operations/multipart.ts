import { createHash, randomBytes } from 'node:crypto';
import { receiveBody, textBody } from '../body.ts';
import { type Bucket, bucketOf, type Part, type Upload } from '../buckets.ts';
import { checkWrite, rangeOf } from '../conditions.ts';
import { noSuchUpload, S3Error } from '../errors.ts';
import { required, type S3Request } from '../request.ts';
import { lengthOf, slice } from '../storage.ts';
import { elementsOf, textOf, xmlDocument } from '../xml.ts';
import { copySourceOf, md5Of } from './copying.ts';
import { keptHeaders } from './kept-headers.ts';
import { announce, type Operation, type S3World, versionHeader } from './operation.ts';

const LEAST_PART_BYTES = 5 * 2 ** 20;

const uploadOf = (bucket: Bucket, request: S3Request): Upload => {
  const id = required(request, 'uploadId');
  const upload = bucket.uploads.get(id);
  if (upload?.key !== request.key) throw noSuchUpload(id);
  return upload;
};

export const createMultipartUpload: Operation = async ({ buckets }, request) => {
  const { bucket, key, headers } = request;
  const id = randomBytes(24).toString('base64url');
  const upload = { id, key, headers: keptHeaders(headers), initiated: new Date(), parts: new Map() };
  bucketOf(buckets, bucket).uploads.set(id, upload);
  const body = { Bucket: bucket, Key: key, UploadId: id };
  return { status: 200, body: xmlDocument('InitiateMultipartUploadResult', body) };
};

/** Stores a part, in the place of an earlier one of its number. The upload may have ended while the part came. */
const addPart = async (
  { buckets, storage }: S3World,
  request: S3Request,
  made: Pick<Part, 'etag' | 'segments'>,
): Promise<Part> => {
  const bucket = bucketOf(buckets, request.bucket);
  const number = Number(required(request, 'partNumber'));
  try {
    const upload = uploadOf(bucket, request);
    const old = upload.parts.get(number);
    const part = { ...made, number, size: lengthOf(made.segments), modified: new Date() };
    upload.parts.set(number, part);
    await storage.release(old?.segments ?? []);
    return part;
  } catch (error) {
    await storage.release(made.segments);
    throw error;
  }
};

/** @throws S3Error where the upload is not there, or the number is not one of a part */
const checkPart = ({ buckets }: S3World, request: S3Request): void => {
  uploadOf(bucketOf(buckets, request.bucket), request);
  const number = required(request, 'partNumber');
  if (!/^\d+$/.test(number) || Number(number) < 1 || Number(number) > 10_000) {
    throw new S3Error(
      400,
      'InvalidArgument',
      'Part number must be an integer between 1 and 10000, inclusive',
    );
  }
};

export const uploadPart: Operation = async (world, request) => {
  checkPart(world, request);
  const { segment, md5, checksum } = await receiveBody(request.headers, request.body, world.storage);
  await addPart(world, request, { etag: md5, segments: [segment] });
  const headers = { etag: `"${md5}"`, ...(checksum && { [checksum[0]]: checksum[1] }) };
  return { status: 200, headers };
};

export const uploadPartCopy: Operation = async (world, request) => {
  checkPart(world, request);
  const { storage } = world;
  const source = copySourceOf(world, request);
  const header = request.headers['x-amz-copy-source-range'];
  const range = rangeOf(header === undefined ? undefined : String(header), source.size);
  const segments = slice(source.segments, range?.start ?? 0, range?.end ?? source.size);
  storage.hold(segments);
  const etag = await md5Of(storage, segments, lengthOf(segments));
  const { modified } = await addPart(world, request, { etag, segments });
  const body = { ETag: `"${etag}"`, LastModified: modified.toISOString() };
  return { status: 200, body: xmlDocument('CopyPartResult', body) };
};

/** The parts that a request names, in the order in which it does. */
const namedParts = (xml: string, upload: Upload): readonly Part[] => {
  const named = elementsOf(xml, 'Part').map((part) => ({
    number: Number(textOf(part, 'PartNumber')),
    etag: textOf(part, 'ETag')?.replaceAll('"', ''),
  }));
  if (named.length === 0) {
    throw new S3Error(
      400,
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  if (named.some(({ number }, index) => number <= (named[index - 1]?.number ?? 0))) {
    throw new S3Error(
      400,
      'InvalidPartOrder',
      'The list of parts was not in ascending order. The parts list must be specified in order by part number.',
    );
  }
  return named.map(({ number, etag }, index) => {
    const part = upload.parts.get(number);
    if (part === undefined || part.etag !== etag) {
      throw new S3Error(
        400,
        'InvalidPart',
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        { details: { PartNumber: String(number) } },
      );
    }
    if (part.size < LEAST_PART_BYTES && index < named.length - 1) {
      throw new S3Error(
        400,
        'EntityTooSmall',
        'Your proposed upload is smaller than the minimum allowed object size.',
        { details: { PartNumber: String(number), ProposedSize: String(part.size) } },
      );
    }
    return part;
  });
};

export const completeMultipartUpload: Operation = async (world, request) => {
  const { buckets, storage } = world;
  const bucket = bucketOf(buckets, request.bucket);
  const xml = await textBody(request.headers, request.body);
  const upload = uploadOf(bucket, request);
  const parts = namedParts(xml, upload);
  checkWrite(request.headers, request.key, bucket.find(request.key));
  const hash = createHash('md5');
  for (const part of parts) hash.update(Buffer.from(part.etag, 'hex'));
  const etag = `${hash.digest('hex')}-${parts.length}`;
  const segments = parts.flatMap((part) => part.segments);
  bucket.uploads.delete(upload.id);
  const { headers } = upload;
  const made = { etag, segments, size: lengthOf(segments), headers, checksum: undefined };
  const version = await bucket.add(request.key, made);
  announce(world, request, version, 'CompleteMultipartUpload');
  const unused = [...upload.parts.values()].filter((part) => !parts.includes(part));
  for (const part of unused) await storage.release(part.segments);
  const body = { Location: `/${request.bucket}/${request.key}`, Bucket: request.bucket, Key: request.key };
  return {
    status: 200,
    headers: versionHeader(world, request, version),
    body: xmlDocument('CompleteMultipartUploadResult', { ...body, ETag: `"${etag}"` }),
  };
};

export const abortMultipartUpload: Operation = async ({ buckets, storage }, request) => {
  const bucket = bucketOf(buckets, request.bucket);
  const upload = uploadOf(bucket, request);
  bucket.uploads.delete(upload.id);
  for (const part of upload.parts.values()) await storage.release(part.segments);
  return { status: 204 };
};
