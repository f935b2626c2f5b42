import { randomUUID } from 'node:crypto';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { must } from '../../errors.ts';
import { localRegion } from '../emulators/aws/aws-clients.ts';
import { type Endpoints, startEmulators } from '../emulators/aws/emulators.ts';
import { type CreatedObject, eventBridgeEvent } from '../emulators/aws/s3/events.ts';

/** A bucket whose objects become messages of a queue, as S3, EventBridge and SQS have it. */
export interface ObjectsWorld {
  readonly endpoints: Endpoints;
  /** S3 or SQS is the user's own, and there are credentials for it. */
  readonly isOwn: boolean;
  /** Has the events of a bucket put into a queue. */
  route(bucket: string, sqs: SQSClient, queueUrl: string): void;
  /** Resolves when the event of an object that was put is in the queue. */
  delivered(object: Pick<CreatedObject, 'key' | 'etag' | 'size'>): Promise<void>;
  stop(): Promise<void>;
}

interface Route {
  readonly bucket: string;
  readonly send: (created: CreatedObject) => Promise<void>;
}

/**
 * Starts the embedded S3 and SQS, but for what `AWS_ENDPOINT_URL_S3` and `AWS_ENDPOINT_URL_SQS` name. An S3 of the user's
 * own may send no events: those of objects that are put here are made here.
 */
export const startObjectsWorld = async (env: NodeJS.ProcessEnv = process.env): Promise<ObjectsWorld> => {
  const own = { s3: ownEndpoint(env, 'S3'), sqs: ownEndpoint(env, 'SQS') };
  const events = new Map<string, PromiseWithResolvers<void>>();
  let route: Route | undefined;
  const eventOf = (key: string): PromiseWithResolvers<void> => {
    const known = events.get(key) ?? Promise.withResolvers<void>();
    events.set(key, known);
    return known;
  };
  const send = async (created: CreatedObject): Promise<void> => {
    if (created.bucket !== route?.bucket) return;
    const { resolve, reject } = eventOf(created.key);
    await route.send(created).then(resolve, reject);
  };
  const { endpoints, stop } = await startEmulators({
    services: [
      ...(own.s3 === undefined ? (['s3'] as const) : []),
      ...(own.sqs === undefined ? (['sqs'] as const) : []),
    ],
    onCreated: (created) => void send(created),
  });
  return {
    endpoints: {
      ...endpoints,
      ...(own.s3 !== undefined && { AWS_ENDPOINT_URL_S3: own.s3 }),
      ...(own.sqs !== undefined && { AWS_ENDPOINT_URL_SQS: own.sqs }),
    },
    isOwn:
      (own.s3 !== undefined || own.sqs !== undefined) &&
      (env.AWS_ACCESS_KEY_ID ?? env.AWS_PROFILE) !== undefined,
    route: (bucket, sqs, QueueUrl) => {
      const message = (created: CreatedObject) => JSON.stringify(eventBridgeEvent(created));
      route = {
        bucket,
        send: async (created) =>
          void (await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: message(created) }))),
      };
    },
    delivered: async (object) => {
      if (own.s3 !== undefined)
        await send({
          ...object,
          bucket: must(route, 'route').bucket,
          sequencer: Date.now().toString(16).padStart(16, '0'),
          reason: 'PutObject',
          time: new Date().toISOString(),
          region: localRegion(),
          requestId: randomUUID(),
        });
      await eventOf(object.key).promise;
    },
    stop,
  };
};

const ownEndpoint = (env: NodeJS.ProcessEnv, service: 'S3' | 'SQS'): string | undefined =>
  env[`AWS_ENDPOINT_URL_${service}`] || env.AWS_ENDPOINT_URL || undefined;
