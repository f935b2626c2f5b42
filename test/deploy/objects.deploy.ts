import { join } from 'node:path';
import {
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { must } from '../../src/errors.ts';
import { startQueueMapping } from '../../src/tools/emulators/event-source/queue/mapping.ts';
import { createLambdaFunction, type LambdaFunction } from '../../src/tools/emulators/lambda/function.ts';
import { command, execProgram } from '../support/run-program.ts';
import { demoStage } from './demo-stage.ts';
import { emulatedAccount, emulatedAws } from './emulated-aws.ts';
import { fetchUploaded, type Uploaded } from './uploaded.ts';

const STAGE = 'files';
const STACK = `labelstream-${STAGE}`;
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const FUNCTION = 'ClassifyObjectsLambdaFunction';
const aws = emulatedAws();
const cli = demoStage(STAGE, ['--param', `architecture=${ARCHITECTURE}`]);

let names: Readonly<Record<string, string>>;
let uploaded: Uploaded;
let lambda: LambdaFunction;
let mapping: ReturnType<typeof startQueueMapping>;
const log: string[] = [];

const output = (name: string): string => must(names[name], `output ${name}`);
const queueOf = async (QueueName: string) => {
  const { QueueUrl } = await aws.sqs.send(new GetQueueUrlCommand({ QueueName }));
  const { Attributes = {} } = await aws.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  return { url: must(QueueUrl, QueueName), attributes: Attributes };
};
const put = (Key: string, Body: string) =>
  aws.s3.send(new PutObjectCommand({ Bucket: output('ObjectsBucketName'), Key, Body }));
const outputs = async (): Promise<Readonly<Record<string, string>>> => {
  const Bucket = output('OutputBucketName');
  const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket }));
  const texts = Contents.map(async ({ Key = '' }) => {
    const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket, Key }));
    return [Key.replace(/\/[\da-f-]{32,}\//, '/etag/'), (await Body?.transformToString()) ?? ''];
  });
  return Object.fromEntries(await Promise.all(texts));
};
const lines = (count: number): string =>
  Array.from(
    { length: count },
    (_, line) => `${JSON.stringify({ id: line, text: `number ${line}` })}\n`,
  ).join('');

beforeAll(async () => {
  await cli(
    'deploy',
    '--param',
    'objects=s3',
    '--param',
    'objectsSuffix=.jsonl,.csv',
    '--param',
    'objectsShardMB=1',
  );
  names = await aws.outputs(STACK);
  // moto would deliver the messages itself, to a function in a container.
  const { EventSourceMappings = [] } = await aws.lambda.send(new ListEventSourceMappingsCommand({}));
  const own = EventSourceMappings.filter(({ EventSourceArn = '' }) =>
    EventSourceArn.endsWith(`${STACK}-objects`),
  );
  expect(own).toMatchObject([{ BatchSize: 1 }]);
  for (const { UUID } of own)
    await aws.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  uploaded = await fetchUploaded(aws, STACK, FUNCTION);
  // moto drops it from the template: see gaps.ts.
  await aws.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: output('ObjectsBucketName'),
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    }),
  );
});

afterAll(async () => {
  await mapping.stop();
  await lambda.close();
  await uploaded.remove();
});

describe('serverless deploy with objects=s3', () => {
  it('creates queues, whose messages are given up after seven deliveries', async () => {
    const [objects, failed] = [await queueOf(`${STACK}-objects`), await queueOf(`${STACK}-failed-objects`)];
    expect(output('ObjectsQueueUrl')).toMatch(/\/labelstream-files-objects$/);
    expect(objects.attributes.VisibilityTimeout).toBe('1800');
    expect(JSON.parse(objects.attributes.RedrivePolicy ?? '')).toMatchObject({
      deadLetterTargetArn: failed.attributes.QueueArn,
      maxReceiveCount: 7,
    });
  });

  it('says in the template what moto drops', async () => {
    const { Resources } = await aws.template(STACK);
    expect(Resources.ObjectsBucket?.Properties.NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
    expect(Resources.OutputBucket?.Properties.LifecycleConfiguration.Rules).toHaveLength(2);
    expect(Resources.ObjectsQueuePolicy?.Properties.Queues).toHaveLength(2);
  });
});

describe('an object in the bucket', () => {
  beforeAll(async () => {
    const { Environment, Handler, MemorySize, FunctionName } = (await aws.template(STACK)).Resources[FUNCTION]
      ?.Properties;
    lambda = createLambdaFunction({
      name: FunctionName,
      taskRoot: uploaded.task,
      optDir: uploaded.opt,
      handler: Handler,
      memoryMB: Number(MemorySize),
      timeoutMs: 60_000,
      maxEnvironments: 1,
      environment: {
        ...Environment.Variables,
        ...emulatedAccount(),
        QUEUE_URL: (await queueOf(`${STACK}-objects`)).url,
        OUTPUT_BUCKET: output('OutputBucketName'),
        MODELS_DIR: join(uploaded.opt, 'models'),
      },
      onLog: (line) => void log.push(line),
    });
    const { url, attributes } = await queueOf(`${STACK}-objects`);
    mapping = startQueueMapping({
      ...{ sqs: aws.sqs, queueUrl: url, queueArn: must(attributes.QueueArn, 'QueueArn') },
      invoke: lambda.invoke,
      settings: { batchSize: 1, maximumConcurrency: 1, reportBatchItemFailures: true },
      pace: { waitSeconds: 1 },
    });
  });

  it('comes by EventBridge and the queue to the deployed code, and its output is in the other bucket', async () => {
    await put('in/a b+c.jsonl', lines(3));
    await put('in/table.csv', 'id,text\n1,one\n2,"two, or\nso"\n');
    // No suffix of the rule's.
    await put('in/picture.png', 'pixels');
    await mapping.drained();
    const made = await outputs();
    expect(Object.keys(made).toSorted()).toEqual([
      'demo@1/etag/in/a b+c.jsonl.manifest.json',
      'demo@1/etag/in/a b+c.jsonl.out',
      'demo@1/etag/in/table.csv.manifest.json',
      'demo@1/etag/in/table.csv.out',
    ]);
    expect(JSON.parse(made['demo@1/etag/in/a b+c.jsonl.manifest.json'] ?? '')).toMatchObject({
      status: 'complete',
      counts: { lines: 3, labelled: 3 },
    });
    expect(made['demo@1/etag/in/table.csv.out']).toMatch(/^id,text,prediction_label/);
    // Of two objects: what was written caused no event.
    expect(mapping.stats()).toMatchObject({ messagesSent: 2, messagesDone: 2 });
  });

  it('is divided where it is large, and its output put together', async () => {
    const before = mapping.stats().messagesDone;
    await put('large.jsonl', lines(60_000));
    await mapping.drained();
    const made = await outputs();
    const ids = (made['demo@1/etag/large.jsonl.out'] ?? '')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).recordId);
    expect(ids).toEqual(Array.from({ length: 60_000 }, (_, id) => id));
    // The plan, and two or three shards; nothing of them is left.
    expect(mapping.stats().messagesDone - before).toBeGreaterThan(2);
    expect(Object.keys(made).filter((key) => key.includes('.parts/'))).toEqual([]);
  });

  it('is put aside where its message names none, and redrive lists it', async () => {
    await aws.sqs.send(
      new SendMessageCommand({ QueueUrl: (await queueOf(`${STACK}-objects`)).url, MessageBody: 'hello' }),
    );
    await mapping.drained();
    expect(
      log.filter((line) => line.includes('"unreadable"') && line.includes('"level":"ERROR"')),
    ).toHaveLength(7);
    const { attributes } = await queueOf(`${STACK}-failed-objects`);
    expect(attributes.ApproximateNumberOfMessages).toBe('1');
    const env = { PATH: process.env.PATH, ...emulatedAccount() };
    const { stdout } = await execProgram(command('redrive', ['list', '--json', '--stage', STAGE], { env }));
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'failed-object', code: 'unreadable' });
    const sending = execProgram(command('redrive', ['send', '--failed-objects', '--stage', STAGE], { env }));
    await expect(sending).rejects.toMatchObject({
      code: 1,
      stdout: 'sent 0 records and 0 messages about objects, kept 1\n',
    });
  });

  it('is removed with its stage, but for the buckets and what is in them', async () => {
    expect(await cli('remove', '--param', 'objects=s3')).toContain('successfully removed');
    const buckets = [output('ObjectsBucketName'), output('OutputBucketName')];
    const { Buckets = [] } = await aws.s3.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toEqual(expect.arrayContaining(buckets));
  });
});
