import { CreateBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { LOCAL_CREDENTIALS } from '../../src/tools/emulators/aws/aws-clients.ts';
import { type EmbeddedS3, type EmbeddedS3Options, startS3 } from '../../src/tools/emulators/aws/s3/server.ts';

export interface S3World extends EmbeddedS3 {
  readonly client: S3Client;
}

/** An embedded S3 with buckets, and a client of it. */
export const s3World = async (
  buckets: readonly string[],
  options: EmbeddedS3Options = {},
  config: S3ClientConfig = {},
): Promise<S3World> => {
  const { endpoint, stop } = await startS3(options);
  const client = new S3Client({
    ...{ endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS },
    ...config,
  });
  for (const Bucket of buckets) await client.send(new CreateBucketCommand({ Bucket }));
  return {
    ...{ endpoint, client },
    stop: async () => {
      client.destroy();
      await stop();
    },
  };
};
