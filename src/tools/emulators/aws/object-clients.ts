import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { LOCAL_CREDENTIALS, localRegion } from './aws-clients.ts';
import type { Endpoints } from './emulators.ts';

export interface ObjectClients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  /** Closes the connections of both. */
  destroy(): void;
}

/**
 * Clients of the embedded S3 and SQS.
 *
 * @param isOwn whether these are the user's own services, called with the credentials of the environment
 */
export const objectClients = (endpoints: Endpoints, { isOwn = false } = {}): ObjectClients => {
  const base = (endpoint: string | undefined) => ({
    region: localRegion(),
    ...(!isOwn && { credentials: LOCAL_CREDENTIALS }),
    ...(endpoint !== undefined && { endpoint }),
  });
  const s3 = new S3Client({
    ...base(endpoints.AWS_ENDPOINT_URL_S3),
    // A server of one's own may have no names of its own for buckets.
    forcePathStyle: endpoints.AWS_ENDPOINT_URL_S3 !== undefined,
  });
  const sqs = new SQSClient(base(endpoints.AWS_ENDPOINT_URL_SQS));
  return {
    ...{ s3, sqs },
    destroy: () => {
      s3.destroy();
      sqs.destroy();
    },
  };
};
