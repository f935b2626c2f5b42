import { textBody } from '../body.ts';
import { bucketOf, createBucket as newBucket } from '../buckets.ts';
import { S3Error } from '../errors.ts';
import { textOf, xmlDocument } from '../xml.ts';
import { DEFAULT_REGION } from '../../../../serverless-yml/region.ts';
import type { Operation } from './operation.ts';

export const listBuckets: Operation = async ({ buckets }) => ({
  status: 200,
  body: xmlDocument('ListAllMyBucketsResult', {
    Owner: { ID: '000000000000' },
    Buckets: { Bucket: [...buckets.keys()].toSorted().map((Name) => ({ Name })) },
  }),
});

export const createBucket: Operation = async ({ buckets, storage }, request) => {
  const name = request.bucket;
  const region =
    textOf(await textBody(request.headers, request.body), 'LocationConstraint') ?? DEFAULT_REGION;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
    throw new S3Error(400, 'InvalidBucketName', 'The specified bucket is not valid.', {
      details: { BucketName: name },
    });
  }
  if (!buckets.has(name)) buckets.set(name, newBucket(name, region, storage));
  // Only in us-east-1 is it no error to create a bucket again.
  else if (region !== DEFAULT_REGION) {
    throw new S3Error(
      409,
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      { details: { BucketName: name } },
    );
  }
  return { status: 200, headers: { location: `/${name}` } };
};

export const headBucket: Operation = async ({ buckets }, request) => ({
  status: 200,
  headers: { 'x-amz-bucket-region': bucketOf(buckets, request.bucket).region },
});

export const deleteBucket: Operation = async ({ buckets }, request) => {
  if (!bucketOf(buckets, request.bucket).isEmpty()) {
    throw new S3Error(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty');
  }
  buckets.delete(request.bucket);
  return { status: 204 };
};

export const getBucketLocation: Operation = async ({ buckets }, request) => {
  const { region } = bucketOf(buckets, request.bucket);
  return {
    status: 200,
    body: xmlDocument('LocationConstraint', region === DEFAULT_REGION ? {} : { LocationConstraint: region }),
  };
};

export const putBucketVersioning: Operation = async ({ buckets }, request) => {
  const bucket = bucketOf(buckets, request.bucket);
  const status = textOf(await textBody(request.headers, request.body), 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') {
    throw new S3Error(
      400,
      'IllegalVersioningConfigurationException',
      'The Versioning element must be specified',
    );
  }
  bucket.versioning = status;
  return { status: 200 };
};

export const getBucketVersioning: Operation = async ({ buckets }, request) => ({
  status: 200,
  body: xmlDocument('VersioningConfiguration', { Status: bucketOf(buckets, request.bucket).versioning }),
});
