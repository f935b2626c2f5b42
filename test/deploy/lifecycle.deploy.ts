import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListDashboardsCommand } from '@aws-sdk/client-cloudwatch';
import { GetRoleCommand, GetRolePolicyCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { DescribeStreamSummaryCommand } from '@aws-sdk/client-kinesis';
import {
  GetAliasCommand,
  GetFunctionCommand,
  GetLayerVersionCommand,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { type ProgramRun } from '../support/run-program.ts';
import { copyService, type ServiceCopy } from '../support/service-copy.ts';
import { emulatedAccount, emulatedAws, type Template } from './emulated-aws.ts';
import { GAPS, UNCHECKED } from './gaps.ts';

const STACK = 'labelstream-test';
const FUNCTION = `${STACK}-classify-stream`;
const aws = emulatedAws();
const transcript: string[] = [];
let service: ServiceCopy;

/** Runs the command line for the stage `test` and keeps what it says. */
const cli = async (command: string, ...args: string[]): Promise<ProgramRun & { readonly said: string }> => {
  const startedAt = performance.now();
  const run = await service.spawnServerless(
    [...command.split(' '), '--stage', 'test', ...args],
    emulatedAccount(),
  );
  const said = run.stdout + run.stderr;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  transcript.push(`$ serverless ${command} --stage test   (${seconds} s)`, said.trim());
  if (run.status !== 0) throw new Error(said);
  return { ...run, said };
};

const classifyStream = async () => {
  const { Configuration = {} } = await aws.lambda.send(new GetFunctionCommand({ FunctionName: FUNCTION }));
  return Configuration;
};
const aliasVersion = async () =>
  (await aws.lambda.send(new GetAliasCommand({ FunctionName: FUNCTION, Name: 'live' }))).FunctionVersion;
const layerArns = async () => (await classifyStream()).Layers?.map(({ Arn = '' }) => Arn) ?? [];
/** The base64 SHA-256 of what each layer of the function holds: runtime, then models. */
const layerContents = async () =>
  Promise.all(
    (await layerArns()).map(async (arn) => {
      const [LayerName, version] = arn.split(':').slice(-2);
      const layer = await aws.lambda.send(
        new GetLayerVersionCommand({ LayerName, VersionNumber: Number(version) }),
      );
      return layer.Content?.CodeSha256;
    }),
  );
const uploads = async () => {
  const { ServerlessDeploymentBucketName: Bucket } = await aws.outputs(STACK);
  const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key = '' }) => Key);
};
/** Logical ids of the resources that differ. */
const changes = (before: Template, after: Template): string[] =>
  [...new Set([...Object.keys(before.Resources), ...Object.keys(after.Resources)])]
    .filter((name) => JSON.stringify(before.Resources[name]) !== JSON.stringify(after.Resources[name]))
    .toSorted();

beforeAll(async () => {
  service = await copyService({ models: ['banking77-tfidf'] });
});

afterAll(async () => {
  process.stdout.write(`\n${transcript.join('\n')}\n`);
  process.stdout.write('\nmoto 5.2.5 cannot tell; checked on the template that it was given:\n');
  for (const { part, lacks } of GAPS) process.stdout.write(`  ${part}: moto ${lacks}\n`);
  process.stdout.write('Not checked by this suite:\n');
  for (const part of UNCHECKED) process.stdout.write(`  ${part}\n`);
  await service.remove();
});

describe('serverless deploy', () => {
  it('deploys, and says what it has deployed', async () => {
    const { said } = await cli('deploy');
    expect(said).toContain('Service deployed to stack labelstream-test');
    expect(said).toMatch(
      /classifyStream [\d.]+ MB, runtime layer [\d.]+ MB, models layer [\d.]+ MB, unzipped/,
    );
  });

  it.each([
    ['documents', [['id', 'HASH']]],
    [
      'rejects',
      [
        ['shard', 'HASH'],
        ['sequence_number', 'RANGE'],
      ],
    ],
    [
      'labels',
      [
        ['item', 'HASH'],
        ['content', 'RANGE'],
      ],
    ],
  ])('made the table %s, on demand, with its keys', async (name, keys) => {
    const { Table } = await aws.dynamodb.send(new DescribeTableCommand({ TableName: `${STACK}-${name}` }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      KeySchema: keys.map(([AttributeName, KeyType]) => ({ AttributeName, KeyType })),
    });
  });

  it('made the stream, the queue, the log group and the dashboard', async () => {
    const { StreamDescriptionSummary } = await aws.kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: `${STACK}-changes` }),
    );
    expect(StreamDescriptionSummary).toMatchObject({ StreamStatus: 'ACTIVE', RetentionPeriodHours: 24 });
    const { FailedBatchesQueueUrl: QueueUrl } = await aws.outputs(STACK);
    const queue = await aws.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(queue.Attributes).toMatchObject({
      MessageRetentionPeriod: '1209600',
      SqsManagedSseEnabled: 'true',
    });
    const { logGroups } = await aws.logs.send(new DescribeLogGroupsCommand({}));
    expect(logGroups).toEqual([
      expect.objectContaining({ logGroupName: `/aws/lambda/${FUNCTION}`, retentionInDays: 14 }),
    ]);
    const { DashboardEntries } = await aws.alarms.send(new ListDashboardsCommand({}));
    expect(DashboardEntries).toEqual([expect.objectContaining({ DashboardName: STACK })]);
  });

  it('made the function, with its layers, behind the alias live', async () => {
    const [runtime, models] = await layerArns();
    expect(await classifyStream()).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 1769,
      Timeout: 60,
      Handler: 'src/functions/classify-stream.handler',
      Role: expect.stringMatching(/:role\/labelstream-test-ClassifyStreamRole-/),
      Layers: [
        { Arn: expect.stringMatching(/:labelstream-test-runtime:1$/), CodeSize: expect.any(Number) },
        { Arn: expect.stringMatching(/:labelstream-test-models:1$/), CodeSize: expect.any(Number) },
      ],
    });
    expect((await classifyStream()).Environment?.Variables).toMatchObject({
      DOCUMENTS_TABLE: `${STACK}-documents`,
      REJECTS_TABLE: `${STACK}-rejects`,
      LABELS_TABLE: `${STACK}-labels`,
      LABEL_STORE: 'partiql',
      KEY_ATTRIBUTES: 'id',
      TEXT_ATTRIBUTES: 'text,textblob:json',
      MODEL: 'banking77-tfidf',
      MODELS_DIR: '/opt/models',
      POWERTOOLS_SERVICE_NAME: STACK,
    });
    expect(runtime).not.toBe(models);
    expect(await aliasVersion()).toBe('1');
  });

  it('made the event source mapping, with every setting', async () => {
    const { EventSourceMappings } = await aws.lambda.send(new ListEventSourceMappingsCommand({}));
    expect(EventSourceMappings).toEqual([
      expect.objectContaining({
        EventSourceArn: `arn:aws:kinesis:us-east-1:123456789012:stream/${STACK}-changes`,
        FunctionArn: expect.stringContaining(`:function:${FUNCTION}:1`),
        State: 'Enabled',
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 1000,
        MaximumBatchingWindowInSeconds: 1,
        ParallelizationFactor: 2,
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumRetryAttempts: -1,
        MaximumRecordAgeInSeconds: 43_200,
        FilterCriteria: { Filters: [{ Pattern: '{"data":{"eventName":["INSERT","MODIFY"]}}' }] },
        DestinationConfig: {
          OnFailure: { Destination: `arn:aws:sqs:us-east-1:123456789012:${STACK}-failed-batches` },
        },
      }),
    ]);
  });

  it('made one role, for Lambda only, whose policy names each resource by its ARN', async () => {
    const { Roles = [] } = await aws.iam.send(new ListRolesCommand({}));
    const names = Roles.map(({ RoleName = '' }) => RoleName).filter((name) => name.startsWith(STACK));
    expect(names).toEqual([expect.stringMatching(/^labelstream-test-ClassifyStreamRole-/)]);
    const [RoleName = ''] = names;
    const { Role } = await aws.iam.send(new GetRoleCommand({ RoleName }));
    expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''))).toMatchObject({
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    });
    const policy = await aws.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'classify-stream' }));
    // moto answers with Python's way of writing it.
    const document = decodeURIComponent(policy.PolicyDocument ?? '').replaceAll("'", '"');
    const { Statement }: { Statement: readonly { Resource: string }[] } = JSON.parse(document);
    expect(Statement.map(({ Resource }) => Resource).toSorted()).toEqual([
      `arn:aws:dynamodb:us-east-1:123456789012:table/${STACK}-documents`,
      `arn:aws:dynamodb:us-east-1:123456789012:table/${STACK}-rejects`,
      `arn:aws:kinesis:us-east-1:123456789012:stream/${STACK}-changes`,
      `arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/${FUNCTION}:*`,
      `arn:aws:sqs:us-east-1:123456789012:${STACK}-failed-batches`,
    ]);
  });

  it.each(GAPS)('on the template, because moto $lacks: $part', async ({ check }) => {
    check(await aws.template(STACK));
  });
});

describe('the life of a deployed service', () => {
  it('is told by serverless info', async () => {
    const { said } = await cli('info');
    expect(said).toContain(`stack: ${STACK}`);
    expect(said).toContain(`classifyStream: ${FUNCTION}`);
    for (const arn of await layerArns()) expect(said).toContain(arn);
  });

  it('does not change when it is deployed again', async () => {
    const before = {
      template: await aws.template(STACK),
      uploads: await uploads(),
      all: await classifyStream(),
    };
    const { said } = await cli('deploy');
    expect(said).toContain('No changes to deploy. Deployment skipped.');
    expect(await aws.template(STACK)).toEqual(before.template);
    expect(await uploads()).toEqual(before.uploads);
    expect(await classifyStream()).toEqual(before.all);
  });

  it('gets a new models layer, and no other code, with one more version of a model; rolling back undoes it', async () => {
    const before = { template: await aws.template(STACK), uploads: await uploads() };
    const contents = await layerContents();
    const { CodeSha256 } = await classifyStream();
    await addModelVersion(join(service.root, 'models/banking77-tfidf'));

    const { said } = await cli('deploy', '--verbose');
    expect(said).toContain('Skipped uploading runtime');
    const [runtime, models] = await layerContents();
    expect(runtime).toBe(contents[0]);
    expect(models).not.toBe(contents[1]);
    expect((await classifyStream()).CodeSha256).toBe(CodeSha256);
    expect((await layerArns()).map((arn) => arn.split(':').at(-1))).toEqual(['1', '2']);
    const versions = /^ClassifyStreamLambdaVersion/;
    expect(
      changes(before.template, await aws.template(STACK)).filter((name) => !versions.test(name)),
    ).toEqual([
      // Its code is in another place of the bucket; it is the same code.
      'ClassifyStreamLambdaFunction',
      'ClassifyStreamLambdaFunctionLiveAlias',
      'ModelsLambdaLayer',
    ]);
    const added = (await uploads()).filter((key) => !before.uploads.includes(key));
    expect(added.map((key) => key.split('/').at(-1)).toSorted()).toEqual([
      'classifyStream.zip',
      'compiled-cloudformation-template.json',
      'models.zip',
      'serverless-state.json',
    ]);
    expect(await aliasVersion()).toBe('2');

    const [, timestamp = ''] = /serverless\/labelstream\/test\/(\d+)-/.exec(before.uploads[0] ?? '') ?? [];
    await cli('rollback', '--timestamp', timestamp);
    expect(await layerContents()).toEqual(contents);
    expect(changes(before.template, await aws.template(STACK))).toEqual([]);
    expect(await aliasVersion()).toBe('3');
  });

  it('ends with serverless remove: nothing but versions of layers is left', async () => {
    const { said } = await cli('remove');
    expect(said).toContain('Service labelstream has been successfully removed');
    await expect(aws.cloudFormation.send(new DescribeStacksCommand({ StackName: STACK }))).rejects.toThrow(
      /does not exist/,
    );
    await expect(classifyStream()).rejects.toThrow(/Function not found/);
    await expect(
      aws.dynamodb.send(new DescribeTableCommand({ TableName: `${STACK}-documents` })),
    ).rejects.toThrow(/not found/);
    await expect(
      aws.kinesis.send(new DescribeStreamSummaryCommand({ StreamName: `${STACK}-changes` })),
    ).rejects.toThrow(/not found/);
    const { EventSourceMappings = [] } = await aws.lambda.send(new ListEventSourceMappingsCommand({}));
    const { logGroups = [] } = await aws.logs.send(new DescribeLogGroupsCommand({}));
    const { Roles = [] } = await aws.iam.send(new ListRolesCommand({}));
    // Of this stack: the other suites play in the same account.
    const left = [
      ...EventSourceMappings.map(({ FunctionArn }) => FunctionArn),
      ...logGroups.map(({ logGroupName }) => logGroupName),
      ...Roles.map(({ RoleName }) => RoleName),
    ].filter((name) => name?.includes(STACK));
    expect(left).toEqual([]);
  });
});

/** Version 2 of a model, which is its version 1 under another number. */
const addModelVersion = async (model: string): Promise<void> => {
  await cp(join(model, '1'), join(model, '2'), { recursive: true });
  const manifest = join(model, '2/model.json');
  await writeFile(
    manifest,
    JSON.stringify({ ...JSON.parse(await readFile(manifest, 'utf8')), version: '2' }),
  );
};
