import { Agent } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Endpoints } from './emulators.ts';

/** Credentials that every emulator accepts and AWS does not. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** The region of the emulators: `AWS_REGION`, else `us-east-1`. */
export const localRegion = (): string => process.env.AWS_REGION ?? 'us-east-1';

export interface LocalClients {
  readonly dynamodb: DynamoDBClient;
  readonly kinesis: KinesisClient;
  /** Closes the connections of both. */
  destroy(): void;
}

// kinesalite speaks HTTP/1 only, while the Kinesis client's own handler is HTTP/2.
const handler = () => new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true, maxSockets: 64 }) });

const base = (endpoint: string | undefined) => ({
  region: localRegion(),
  credentials: LOCAL_CREDENTIALS,
  requestHandler: handler(),
  ...(endpoint !== undefined && { endpoint }),
});

/** Clients of the embedded DynamoDB and Kinesis, on connections that are kept open. */
export const localClients = (endpoints: Endpoints): LocalClients => {
  const dynamodb = new DynamoDBClient(base(endpoints.AWS_ENDPOINT_URL_DYNAMODB));
  const kinesis = new KinesisClient(base(endpoints.AWS_ENDPOINT_URL_KINESIS));
  return {
    dynamodb,
    kinesis,
    destroy: () => {
      dynamodb.destroy();
      kinesis.destroy();
    },
  };
};
