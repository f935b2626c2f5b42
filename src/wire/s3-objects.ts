import { S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../pipeline/objects/object-store.ts';
import { s3Objects } from '../stores/objects/s3.ts';

/** In ms. Without these, the SDK waits for ever for a service that has gone without a word. */
const PATIENCE = { connectionTimeout: 5_000, socketTimeout: 30_000 };

/** Objects in S3, or at `AWS_ENDPOINT_URL_S3`, where a bucket is a part of the path. */
export const openS3Objects = (env: NodeJS.ProcessEnv = process.env): ObjectStore => {
  const isElsewhere = [env.AWS_ENDPOINT_URL_S3, env.AWS_ENDPOINT_URL].some((url) => (url ?? '') !== '');
  return s3Objects(
    new S3Client({ maxAttempts: 8, forcePathStyle: isElsewhere, requestHandler: { ...PATIENCE } }),
  );
};
