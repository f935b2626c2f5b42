import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { handler as Handler } from '../../src/functions/classify-objects.ts';
import { must } from '../../src/errors.ts';
import { objectClients } from '../../src/tools/emulators/aws/object-clients.ts';
import { type CreatedObject, eventBridgeEvent } from '../../src/tools/emulators/aws/s3/events.ts';
import { type EmbeddedS3Options, startS3 } from '../../src/tools/emulators/aws/s3/server.ts';
import { startSqs } from '../../src/tools/emulators/aws/sqs/server.ts';
import { captureLog, contextOf, resetEnvironment, setEnvironment } from './function-in-process.ts';

/** The function in this process, over an S3 and an SQS of its own, wired from an environment as on Lambda. */
export interface TestObjects {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  /** Lines that it wrote to standard output. */
  readonly log: string[];
  /** Events of objects that were put, as EventBridge sends them. */
  readonly events: string[];
  put(key: string, body: string | Uint8Array): Promise<void>;
  /** All outputs and manifests, by key. */
  outputs(): Promise<Readonly<Record<string, string>>>;
  /** Sends an event as Lambda does. */
  send(event: unknown, remainingMs?: number): Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;
  /** The bodies of the messages in the queue, which are taken out of it. */
  received(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export const startClassifyObjects = async (
  environment: Readonly<Record<string, string>> = {},
  { nextFault }: Pick<EmbeddedS3Options, 'nextFault'> = {},
): Promise<TestObjects> => {
  const events: string[] = [];
  const onCreated = (created: CreatedObject): void => {
    if (created.bucket === 'texts') events.push(JSON.stringify(eventBridgeEvent(created)));
  };
  const [embedded, queues] = await Promise.all([
    startS3({ onCreated, ...(nextFault !== undefined && { nextFault }) }),
    startSqs(),
  ]);
  const endpoints = { AWS_ENDPOINT_URL_S3: embedded.endpoint, AWS_ENDPOINT_URL_SQS: queues.endpoint };
  const { s3, sqs, destroy } = objectClients(endpoints);
  for (const Bucket of ['texts', 'labels']) await s3.send(new CreateBucketCommand({ Bucket }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'objects' }));
  const queueUrl = must(QueueUrl, 'QueueUrl');
  setEnvironment({
    ...endpoints,
    QUEUE_URL: queueUrl,
    OUTPUT_BUCKET: 'labels',
    ...environment,
  });
  const log = captureLog();
  let handler: typeof Handler | undefined;
  await jest.isolateModulesAsync(async () => {
    const loaded = await import('../../src/functions/classify-objects.ts');
    handler = loaded.handler;
    await loaded.ready;
  });
  return {
    ...{ s3, sqs, queueUrl, log, events },
    put: async (Key, Body) => void (await s3.send(new PutObjectCommand({ Bucket: 'texts', Key, Body }))),
    outputs: async () => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'labels' }));
      const texts = Contents.map(async ({ Key = '' }) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'labels', Key }));
        return [Key, (await Body?.transformToString()) ?? ''];
      });
      return Object.fromEntries(await Promise.all(texts));
    },
    send: async (event, remainingMs = 30_000) => {
      return must(handler, 'handler')(event as never, contextOf(remainingMs) as never);
    },
    received: async () => {
      const bodies: string[] = [];
      for (;;) {
        const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
        const { Messages = [] } = await sqs.send(receive);
        if (Messages.length === 0) return bodies;
        for (const { Body = '', ReceiptHandle } of Messages) {
          bodies.push(Body);
          await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
        }
      }
    },
    stop: async () => {
      jest.restoreAllMocks();
      resetEnvironment();
      destroy();
      await Promise.all([embedded.stop(), queues.stop()]);
    },
  };
};
