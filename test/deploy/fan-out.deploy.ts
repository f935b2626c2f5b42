import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetRolePolicyCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { GetAliasCommand, GetFunctionCommand, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { demoStage } from './demo-stage.ts';
import { emulatedAws } from './emulated-aws.ts';

const STAGE = 'fanned';
const STACK = `labelstream-${STAGE}`;
const aws = emulatedAws();
const cli = demoStage(STAGE, ['--param', 'fanOut=function']);

describe('serverless deploy with fanOut=function', () => {
  it('deploys both functions, each behind its alias', async () => {
    const said = await cli('deploy');
    expect(said).toMatch(/classifyStream [\d.]+ MB/);
    expect(said).toMatch(/fanOut [\d.]+ MB, runtime layer 0\.0 MB, models layer 0\.0 MB/);
    const FunctionName = `${STACK}-fan-out`;
    const { Configuration } = await aws.lambda.send(new GetFunctionCommand({ FunctionName }));
    expect(Configuration).toMatchObject({
      ...{ Runtime: 'nodejs24.x', Architectures: ['arm64'], MemorySize: 512, Timeout: 60, Layers: [] },
      Handler: 'src/functions/fan-out.handler',
      Role: expect.stringContaining(`${STACK}-FanOutRole-`),
      Environment: {
        Variables: expect.objectContaining({
          STREAM_NAME: `${STACK}-changes`,
          REJECTS_TABLE: `${STACK}-rejects`,
        }),
      },
    });
    const alias = await aws.lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' }));
    expect(alias.FunctionVersion).toBe('1');
  });

  it("reads the table's own stream, of both images, with every setting", async () => {
    const { Table } = await aws.dynamodb.send(new DescribeTableCommand({ TableName: `${STACK}-documents` }));
    expect(Table?.StreamSpecification).toEqual({
      StreamEnabled: true,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    });
    const { EventSourceMappings } = await aws.lambda.send(
      new ListEventSourceMappingsCommand({ EventSourceArn: Table?.LatestStreamArn }),
    );
    expect(EventSourceMappings).toEqual([
      expect.objectContaining({
        FunctionArn: expect.stringContaining(`:function:${STACK}-fan-out:1`),
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 500,
        MaximumBatchingWindowInSeconds: 1,
        ParallelizationFactor: 2,
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumRetryAttempts: -1,
        MaximumRecordAgeInSeconds: 86_400,
        FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT","MODIFY"]}' }] },
      }),
    ]);
  });

  it('made two roles and two log groups', async () => {
    const { Roles = [] } = await aws.iam.send(new ListRolesCommand({}));
    const names = Roles.map(({ RoleName = '' }) => RoleName).filter((name) => name.startsWith(`${STACK}-`));
    expect(names.map((name) => name.split('-')[2]).toSorted()).toEqual(['ClassifyStreamRole', 'FanOutRole']);
    const RoleName = names.find((name) => name.includes('FanOut'));
    const policy = await aws.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'fan-out' }));
    expect(decodeURIComponent(policy.PolicyDocument ?? '')).toContain(`:stream/${STACK}-changes`);
    const { logGroups = [] } = await aws.logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: `/aws/lambda/${STACK}-` }),
    );
    expect(logGroups.map(({ retentionInDays }) => retentionInDays)).toEqual([14, 14]);
  });

  it('is gone after serverless remove', async () => {
    expect(await cli('remove')).toContain('successfully removed');
    await expect(
      aws.lambda.send(new GetFunctionCommand({ FunctionName: `${STACK}-fan-out` })),
    ).rejects.toThrow(/Function not found/);
  });
});
