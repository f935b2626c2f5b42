import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  BatchClient,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
  DescribeJobsCommand,
} from '@aws-sdk/client-batch';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { IMAGE_URI, NETWORK } from '../support/batch-parameters.ts';
import { command, spawnProgram } from '../support/run-program.ts';
import { copyService } from '../support/service-copy.ts';
import { demoStage } from './demo-stage.ts';
import { emulatedAccount, emulatedAws, fromRunner } from './emulated-aws.ts';

const STAGE = 'jobs';
const STACK = `labelstream-${STAGE}`;
const aws = emulatedAws();
const batch = new BatchClient({
  endpoint: fromRunner('DEPLOY_TEST_ENDPOINT'),
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const cli = demoStage(STAGE);
const npmRun = (...args: readonly string[]) =>
  spawnProgram(
    command('batch', [...args, '--stage', STAGE], {
      env: { ...process.env, ...emulatedAccount(), AWS_REGION: 'us-east-1' },
    }),
  );

describe('serverless deploy with batch=fargate', () => {
  it('creates queue, definition and repository', async () => {
    const params = { objects: 's3', batch: 'fargate', ...NETWORK };
    await cli(
      'deploy',
      ...Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]),
    );
    const { jobQueues } = await batch.send(new DescribeJobQueuesCommand({ jobQueues: [`${STACK}-objects`] }));
    expect(jobQueues).toMatchObject([{ state: 'ENABLED', status: 'VALID' }]);
    const { jobDefinitions } = await batch.send(
      new DescribeJobDefinitionsCommand({ jobDefinitionName: `${STACK}-objects` }),
    );
    expect(jobDefinitions).toHaveLength(1);
    expect((await aws.outputs(STACK)).ImageRepositoryUri).toMatch(new RegExp(`/${STACK}$`));
  });

  it('takes a job for a prefix, says what becomes of it, and cancels it', async () => {
    await aws.s3.send(new CreateBucketCommand({ Bucket: 'texts-for-jobs' }));
    for (const Key of ['in/a.jsonl', 'in/b b.csv'])
      await aws.s3.send(new PutObjectCommand({ Bucket: 'texts-for-jobs', Key, Body: '{"text":"x"}\n' }));
    const submitted = await npmRun(
      'submit',
      '--input',
      's3://texts-for-jobs/in/',
      '--children',
      '3',
      '--model',
      'demo@1',
    );
    expect(submitted.stderr).toMatch(/2 objects, 0\.0 MB, shared by 3/);
    expect(submitted.status).toBe(0);
    const job = submitted.stdout.trim();
    const { jobs } = await batch.send(new DescribeJobsCommand({ jobs: [job] }));
    expect(jobs).toMatchObject([{ jobName: 'in-', arrayProperties: { size: 3 } }]);
    const state = await npmRun('status', job, '--json');
    expect(JSON.parse(state.stdout)).toMatchObject({ id: job, name: 'in-' });
    expect((await npmRun('status')).stdout).toContain(job);
    const cancelled = await npmRun('cancel', job);
    expect(cancelled).toMatchObject({ status: 0, stdout: expect.stringContaining(`${job}: cancelled`) });
  });

  it.each([
    [['submit'], /Give --input s3:\/\/bucket\/prefix, or --list/],
    [['submit', '--input', './texts'], /\.\/texts: a job reads and writes S3/],
    [
      ['submit', '--input', 's3://texts-for-jobs/none'],
      /no objects in s3:\/\/texts-for-jobs\/none: nothing was submitted/,
    ],
    [['submit', '--input', 's3://no-such-bucket-here/x'], /no-such-bucket-here/],
    [['status', '00000000-0000-0000-0000-000000000000'], /There is no job 0000/],
  ])('says what to do: %j', async (args, message) => {
    const { status, stderr } = await npmRun(...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(2);
  });

  it('says that a stage without jobs has none', async () => {
    const { status, stderr } = await spawnProgram(
      command('batch', ['status', '--stage', 'other'], { env: { ...process.env, ...emulatedAccount() } }),
    );
    expect(stderr).toMatch(/Stage other has no jobs in us-east-1: deploy it with --param="batch=fargate"/);
    expect(status).toBe(2);
  });

  it('is removed with its stage', async () => {
    await cli('remove');
    await expect(aws.outputs(STACK)).rejects.toThrow(/does not exist/);
  });
});

describe('serverless package, with every choice of jobs and of the package', () => {
  const FARGATE = { objects: 's3', batch: 'fargate', ...NETWORK };
  const IMAGE = { package: 'image', imageUri: IMAGE_URI };
  const BUCKETS = {
    objectsBucket: 'my-texts',
    objectsPrefix: 'in/',
    objectsSuffix: '.csv',
    outputBucket: 'my-labels',
  };
  const VPC = { vpcSubnetIds: NETWORK.batchSubnetIds, vpcSecurityGroupIds: NETWORK.batchSecurityGroupIds };
  const CHOICES: readonly Readonly<Record<string, string>>[] = [
    FARGATE,
    { ...FARGATE, ...BUCKETS, ...VPC, batchPublicIp: 'DISABLED', batchArchitecture: 'x86_64', http: 'iam' },
    { ...FARGATE, labelStore: 'labels-table', models: 's3', outputPrefix: 'out/' },
    {
      ...{ ...FARGATE, labelStore: 'update-item', existingTable: 'orders', keyAttributes: 'user,order' },
      existingStream: 'arn:aws:kinesis:us-east-1:123456789012:stream/orders-changes',
    },
    { ...FARGATE, ...IMAGE, fanOut: 'function', http: 'public', batchVcpu: '16', batchMemory: '122880' },
    { ...IMAGE, http: 'iam', httpEndpoint: 'url', ...VPC },
  ];

  it('gives templates in which cfn-lint finds nothing', async () => {
    const service = await copyService();
    await service.writeModel('demo');
    const files: string[] = [];
    for (const [index, params] of CHOICES.entries()) {
      const folder = join(service.root, `packaged-${index}`);
      const options = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
      const { status, stdout, stderr } = await service.spawnServerless([
        'package',
        '--package',
        folder,
        ...options,
      ]);
      if (status !== 0) throw new Error(stdout + stderr);
      files.push(join(folder, 'cloudformation-template-update-stack.json'));
    }
    const args = ['--regions', 'us-east-1', '--', ...files];
    const linting = promisify(execFile)(fromRunner('DEPLOY_TEST_CFN_LINT'), args);
    expect((await linting.catch((error: { stdout: string }) => error)).stdout).toBe('');
    await service.remove();
  });
});

it('hadolint finds nothing in the Dockerfile', async () => {
  const file = join(import.meta.dirname, '..', '..', 'Dockerfile');
  const { stdout } = await promisify(execFile)(fromRunner('DEPLOY_TEST_HADOLINT'), [file]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
});
