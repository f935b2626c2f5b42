import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildBundle } from '../../../src/tools/build/bundle.ts';
import { onBuckets } from '../../support/object-parameters.ts';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';
import { calledActions } from './called-actions.ts';
import { type PackagedTemplate, packagedTemplates } from './packaged-templates.ts';
import { grantedActions, NEEDED_BY_LAMBDA, statementsOf } from './granted-actions.ts';

/** Buckets of the stage, and those of its users. */
const CHOICES = {
  none: {},
  own: { objects: 's3' },
  existing: {
    objects: 's3',
    objectsBucket: 'my-texts',
    objectsPrefix: 'in/',
    objectsSuffix: '.jsonl,.csv',
    outputBucket: 'my-labels',
    outputPrefix: 'labels/',
    objectsFormat: 'csv',
    objectsJoin: 'on',
    objectsTimeout: '600',
    objectsMemory: '3008',
    objectsConcurrency: '50',
    objectsBatchSize: '5',
  },
} as const;

type Choice = keyof typeof CHOICES;
const DOORS = ['own', 'existing'] as const;

let service: ServiceCopy;
let templates: Readonly<Record<Choice, PackagedTemplate>>;

beforeAll(async () => {
  service = await copyService();
  await service.writeModel('demo');
  templates = await packagedTemplates(service, CHOICES);
}, 300_000);

afterAll(() => service.remove());

const properties = (choice: Choice, name: string) => templates[choice].Resources[name]?.Properties;

describe.each(DOORS)('serverless package, objects=s3, %s buckets', (choice) => {
  it('adds a function whose role may do what its code calls and what Lambda needs, and no more', async () => {
    expect(properties(choice, 'ClassifyObjectsLambdaFunction')).toMatchObject({
      FunctionName: 'labelstream-dev-classify-objects',
      Handler: 'src/functions/classify-objects.handler',
      Layers: [{ Ref: 'RuntimeLambdaLayer' }, { Ref: 'ModelsLambdaLayer' }],
      Role: { 'Fn::GetAtt': ['ClassifyObjectsRole', 'Arn'] },
    });
    expect(grantedActions(templates[choice], 'ClassifyObjectsRole')).toEqual(
      [
        ...(await calledActions('src/functions/classify-objects.ts')).map(onBuckets(CHOICES[choice])),
        ...NEEDED_BY_LAMBDA['classify-objects'],
      ].toSorted(),
    );
    for (const { Effect, Action } of statementsOf(templates[choice], 'ClassifyObjectsRole')) {
      expect(Effect).toBe('Allow');
      expect(JSON.stringify(Action)).not.toContain('*');
    }
  });

  it('gives it messages, by its alias, and no more at a time than is asked for', () => {
    const timeout = choice === 'own' ? 300 : 600;
    expect(properties(choice, 'ClassifyObjectsEventSourceMappingSQSObjectsQueue')).toMatchObject({
      EventSourceArn: { 'Fn::GetAtt': ['ObjectsQueue', 'Arn'] },
      FunctionName: {
        'Fn::Join': [':', [{ 'Fn::GetAtt': ['ClassifyObjectsLambdaFunction', 'Arn'] }, 'live']],
      },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BatchSize: choice === 'own' ? 1 : 5,
      ScalingConfig: { MaximumConcurrency: choice === 'own' ? 10 : 50 },
    });
    expect(properties(choice, 'ClassifyObjectsLambdaFunction').Timeout).toBe(timeout);
    expect(properties(choice, 'ObjectsQueue')).toEqual({
      QueueName: 'labelstream-dev-objects',
      VisibilityTimeout: 6 * Number(timeout),
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': ['FailedObjectsQueue', 'Arn'] },
        maxReceiveCount: 7,
      },
    });
    expect(properties(choice, 'FailedObjectsQueue')).toMatchObject({ SqsManagedSseEnabled: true });
  });

  it('lets EventBridge put messages into the queue, and nobody else', () => {
    const { Statement } = properties(choice, 'ObjectsQueuePolicy').PolicyDocument;
    expect(Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: [
          { 'Fn::GetAtt': ['ObjectsQueue', 'Arn'] },
          { 'Fn::GetAtt': ['FailedObjectsQueue', 'Arn'] },
        ],
        Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['ObjectsRule', 'Arn'] } } },
      },
    ]);
    expect(properties(choice, 'ObjectsRule').Targets).toEqual([
      {
        Id: 'objects-queue',
        Arn: { 'Fn::GetAtt': ['ObjectsQueue', 'Arn'] },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['FailedObjectsQueue', 'Arn'] } },
      },
    ]);
  });

  it('watches messages, age, errors and faults, and shows them', () => {
    const alarms = Object.entries(templates[choice].Resources).filter(
      ([name, { Type }]) => Type === 'AWS::CloudWatch::Alarm' && /Object/.test(name),
    );
    expect(alarms.map(([, { Properties }]) => Properties.MetricName).toSorted()).toEqual([
      'ApproximateAgeOfOldestMessage',
      'ApproximateNumberOfMessagesVisible',
      'Errors',
      'ObjectMessagesFaulty',
    ]);
    for (const [, { Properties }] of alarms) expect(Properties.AlarmActions).toHaveLength(1);
    const body: string = properties(choice, 'ObjectsDashboard').DashboardBody['Fn::Sub'];
    expect(JSON.parse(body).widgets).toHaveLength(6);
  });

  it('changes nothing of the rest', () => {
    // The artifact's folder in the bucket bears the time of packaging.
    const plain = (value: unknown) => JSON.stringify(value).replaceAll(/serverless\/[^"]*\//g, '');
    for (const [name, resource] of Object.entries(templates.none.Resources))
      expect([name, plain(templates[choice].Resources[name])]).toEqual([name, plain(resource)]);
  });
});

describe('the buckets', () => {
  it('of the stage are encrypted and private, stay when it is removed, and keep no parts for ever', () => {
    for (const name of ['ObjectsBucket', 'OutputBucket']) {
      expect(templates.own.Resources[name]).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          BucketEncryption: expect.anything(),
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
        },
      });
      expect(properties('own', `${name}Policy`).PolicyDocument.Statement).toEqual([
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': false } } }),
      ]);
    }
    expect(properties('own', 'ObjectsBucket').NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
    // What is written into it starts nothing.
    expect(properties('own', 'OutputBucket').NotificationConfiguration).toBeUndefined();
    expect(properties('own', 'OutputBucket').LifecycleConfiguration.Rules).toEqual([
      expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }),
      expect.objectContaining({ Prefix: '.parts/', ExpirationInDays: 14 }),
    ]);
    expect(properties('own', 'ObjectsRule').EventPattern.detail).toEqual({
      bucket: { name: [{ Ref: 'ObjectsBucket' }] },
    });
    expect(properties('own', 'ClassifyObjectsLambdaFunction').Environment.Variables).toMatchObject({
      OUTPUT_BUCKET: { Ref: 'OutputBucket' },
      QUEUE_URL: { Ref: 'ObjectsQueue' },
    });
  });

  it('of its users are used as they are, by their names', () => {
    const types = Object.values(templates.existing.Resources).map(({ Type }) => Type);
    // The one of the deployment.
    expect(types.filter((type) => type === 'AWS::S3::Bucket')).toHaveLength(1);
    expect(properties('existing', 'ObjectsRule').EventPattern).toEqual({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: {
        bucket: { name: ['my-texts'] },
        object: { key: [{ wildcard: 'in/*.jsonl' }, { wildcard: 'in/*.csv' }] },
      },
    });
    expect(properties('existing', 'ClassifyObjectsLambdaFunction').Environment.Variables).toMatchObject({
      OUTPUT_BUCKET: 'my-labels',
      OUTPUT_PREFIX: 'labels/',
      OBJECT_FORMAT: 'csv',
      JOIN: 'on',
    });
    expect(templates.existing.Outputs.OutputBucketName?.Value).toBe('my-labels');
  });
});

describe('the bundle of classifyObjects', () => {
  it('has nothing in it of tables, streams and HTTP, and takes a megabyte at most', async () => {
    const { file } = await buildBundle(service.root, join(service.root, 'bundle'), {
      functionName: 'classifyObjects',
    });
    const bundle = await readFile(file, 'utf8');
    expect(bundle).not.toMatch(/DynamoDBClient|KinesisClient|hono/);
    expect(Buffer.byteLength(bundle)).toBeLessThanOrEqual(1_000_000);
  });
});
