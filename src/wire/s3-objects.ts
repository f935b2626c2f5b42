import { S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../pipeline/objects/object-store.ts';
import { s3Objects } from '../stores/objects/s3.ts';

/** Objects in S3, or at `AWS_ENDPOINT_URL_S3`, where a bucket is a part of the path. */
export const openS3Objects = (env: NodeJS.ProcessEnv = process.env): ObjectStore => {
  const isElsewhere = [env.AWS_ENDPOINT_URL_S3, env.AWS_ENDPOINT_URL].some((url) => (url ?? '') !== '');
  return s3Objects(new S3Client({ maxAttempts: 8, forcePathStyle: isElsewhere }));
};
