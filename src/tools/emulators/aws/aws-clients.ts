import { Agent } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { DEFAULT_REGION, firstRegion } from '../../serverless-yml/region.ts';
import type { Endpoints } from './emulators.ts';

/** Credentials that every emulator accepts and AWS does not. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** The region of the emulators: `AWS_REGION`, else `us-east-1`. */
export const localRegion = (): string => firstRegion(process.env.AWS_REGION) ?? DEFAULT_REGION;

export interface LocalClients {
  readonly dynamodb: DynamoDBClient;
  readonly kinesis: KinesisClient;
  /** Closes the connections of both. */
  destroy(): void;
}

// kinesalite supports HTTP/1 only, while the Kinesis client's own handler is HTTP/2.
const handler = () => new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true, maxSockets: 64 }) });

const base = (endpoint: string | undefined, isOwn: boolean) => ({
  region: localRegion(),
  ...(!isOwn && { credentials: LOCAL_CREDENTIALS }),
  requestHandler: handler(),
  ...(endpoint !== undefined && { endpoint }),
});

/**
 * Clients of the embedded DynamoDB and Kinesis, on connections that are kept open.
 *
 * @param isOwn whether these are the user's own services, called with the credentials of the environment
 */
export const localClients = (endpoints: Endpoints, { isOwn = false } = {}): LocalClients => {
  const dynamodb = new DynamoDBClient(base(endpoints.AWS_ENDPOINT_URL_DYNAMODB, isOwn));
  const kinesis = new KinesisClient(base(endpoints.AWS_ENDPOINT_URL_KINESIS, isOwn));
  return {
    dynamodb,
    kinesis,
    destroy: () => {
      dynamodb.destroy();
      kinesis.destroy();
    },
  };
};
