import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListDashboardsCommand } from '@aws-sdk/client-cloudwatch';
import { GetRolePolicyCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { GetAliasCommand, GetFunctionCommand } from '@aws-sdk/client-lambda';
import { demoStage } from './demo-stage.ts';
import { emulatedAws } from './emulated-aws.ts';

const STAGE = 'asked';
const STACK = `labelstream-${STAGE}`;
const FunctionName = `${STACK}-predict`;
const aws = emulatedAws();
const cli = demoStage(STAGE);

describe('serverless deploy with http', () => {
  it('deploys the function that answers, behind its alias, with the models of the stream', async () => {
    const sha256 = 'a'.repeat(64);
    const said = await cli('deploy', '--param', 'http=key', '--param', `httpKeySha256=${sha256}`);
    expect(said).toMatch(/predict [\d.]+ MB, runtime layer [\d.]+ MB/);
    const { Configuration } = await aws.lambda.send(new GetFunctionCommand({ FunctionName }));
    expect(Configuration).toMatchObject({
      ...{ Runtime: 'nodejs24.x', Architectures: ['arm64'], MemorySize: 1769, Timeout: 29 },
      Handler: 'src/functions/predict.handler',
      Role: expect.stringContaining(`${STACK}-PredictRole-`),
      Environment: { Variables: expect.objectContaining({ MODEL: 'demo', HTTP_KEY_SHA256: sha256 }) },
    });
    const stream = await aws.lambda.send(
      new GetFunctionCommand({ FunctionName: `${STACK}-classify-stream` }),
    );
    expect(Configuration?.Layers).toEqual(stream.Configuration?.Layers);
    const alias = await aws.lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' }));
    expect(alias.FunctionVersion).toBe('1');
  });

  it('gives it a role for its log and nothing else, a log group and a dashboard', async () => {
    const { Roles = [] } = await aws.iam.send(new ListRolesCommand({}));
    const RoleName = Roles.map((role) => role.RoleName ?? '').find((name) =>
      name.startsWith(`${STACK}-Predict`),
    );
    const policy = await aws.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'predict' }));
    const actions = decodeURIComponent(policy.PolicyDocument ?? '').match(/\w+:[A-Z]\w+(?=['"])/g);
    expect(actions).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
    const { logGroups = [] } = await aws.logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: `/aws/lambda/${FunctionName}` }),
    );
    expect(logGroups.map(({ retentionInDays }) => retentionInDays)).toEqual([14]);
    const { DashboardEntries = [] } = await aws.alarms.send(
      new ListDashboardsCommand({ DashboardNamePrefix: STACK }),
    );
    expect(DashboardEntries.map(({ DashboardName }) => DashboardName).toSorted()).toEqual([
      STACK,
      `${STACK}-http`,
    ]);
  });

  it('is without it after a deployment without http', async () => {
    await cli('deploy');
    await expect(aws.lambda.send(new GetFunctionCommand({ FunctionName }))).rejects.toThrow(
      /Function not found/,
    );
    expect(Object.keys((await aws.template(STACK)).Resources).join()).not.toMatch(/Http|Predict/);
    await cli('remove');
  });
});
