import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';

interface Template {
  readonly Resources: Readonly<
    // CloudFormation properties are whatever the type has.
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    Record<string, { readonly Type: string; readonly Properties: any }>
  >;
}

let service: ServiceCopy;
let native: Template;
let template: Template;

const packaged = async (folder: string, ...params: string[]): Promise<Template> => {
  const path = join(service.root, folder);
  const { status, stderr, stdout } = await service.serverless(['package', '--package', path, ...params]);
  if (status !== 0) throw new Error(stderr + stdout);
  return JSON.parse(await readFile(join(path, 'cloudformation-template-update-stack.json'), 'utf8'));
};

beforeAll(async () => {
  service = await copyService();
  await service.writeModel('demo');
  native = await packaged('native');
  template = await packaged('function', '--param', 'fanOut=function');
}, 120_000);

afterAll(() => service.remove());

const properties = (name: string) => template.Resources[name]?.Properties;
const named = (resources: Template['Resources']) =>
  Object.keys(resources).filter((name) => name.startsWith('FanOut'));

describe('serverless package, fanOut=native', () => {
  it('has the table write to the stream, and nothing of the other fan-out', () => {
    const table = native.Resources.DocumentsTable?.Properties;
    expect(table.KinesisStreamSpecification).toMatchObject({
      StreamArn: { 'Fn::GetAtt': ['ChangesStream', 'Arn'] },
    });
    expect(table.StreamSpecification).toBeUndefined();
    expect(named(native.Resources)).toEqual([]);
  });
});

describe('serverless package, fanOut=function', () => {
  it('gives the table a stream of both images, and no other way into Kinesis', () => {
    expect(properties('DocumentsTable').StreamSpecification).toEqual({
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    });
    expect(properties('DocumentsTable').KinesisStreamSpecification).toBeUndefined();
    expect(template.Resources.FailedToReplicateAlarm).toBeUndefined();
  });

  it('adds a function whose bundle has no inference in it, and no layer', async () => {
    expect(properties('FanOutLambdaFunction')).toMatchObject({
      FunctionName: 'labelstream-dev-fan-out',
      Handler: 'src/functions/fan-out.handler',
      Runtime: 'nodejs24.x',
      MemorySize: 512,
      Environment: {
        Variables: { STREAM_NAME: 'labelstream-dev-changes', TEXT_ATTRIBUTES: 'text,textblob:json' },
      },
    });
    expect(properties('FanOutLambdaFunction').Layers).toBeUndefined();
    expect(properties('FanOutLogGroup').RetentionInDays).toBe(14);
    const zips = (await readdir(join(service.root, 'function'))).filter((file) => file.endsWith('.zip'));
    expect(zips.toSorted()).toEqual(['classifyStream.zip', 'fanOut.zip', 'models.zip', 'runtime.zip']);
    const { buildBundle } = await import('../../../src/tools/build/bundle.ts');
    const out = join(service.root, 'bundle');
    const { file } = await buildBundle(service.root, out, { functionName: 'fanOut' });
    expect(await readFile(file, 'utf8')).not.toContain('onnxruntime-node');
  });

  it('reads the table in batches that fail in part, are halved, retried and given up with a trace', () => {
    const mappings = Object.values(template.Resources).filter(
      ({ Type, Properties }) =>
        Type === 'AWS::Lambda::EventSourceMapping' &&
        JSON.stringify(Properties.EventSourceArn).includes('StreamArn'),
    );
    expect(mappings.map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({
        EventSourceArn: { 'Fn::GetAtt': ['DocumentsTable', 'StreamArn'] },
        BatchSize: 500,
        MaximumBatchingWindowInSeconds: 1,
        ParallelizationFactor: 2,
        StartingPosition: 'TRIM_HORIZON',
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: -1,
        MaximumRecordAgeInSeconds: 86_400,
        DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['FailedBatchesQueue', 'Arn'] } } },
        FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT","MODIFY"]}' }] },
      }),
    ]);
  });

  it('gives the function a role of its own, for named resources and actions only', () => {
    expect(properties('FanOutLambdaFunction').Role).toEqual({ 'Fn::GetAtt': ['FanOutRole', 'Arn'] });
    const [policy] = properties('FanOutRole').Policies;
    const actions: string[] = [];
    for (const { Action, Resource } of policy.PolicyDocument.Statement) {
      actions.push(...[Action].flat());
      expect(Resource['Fn::GetAtt']?.[1] ?? Resource['Fn::Sub']).toMatch(
        /^(Stream)?Arn$|:log-group:\/aws\/lambda\/labelstream-dev-fan-out:\*$/,
      );
    }
    expect(actions).toEqual([
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'kinesis:PutRecords',
      'dynamodb:BatchWriteItem',
      'sqs:SendMessage',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ]);
  });

  it('watches delay, errors, failed and rejected changes', () => {
    const alarms = named(template.Resources).filter((name) => name.endsWith('Alarm'));
    expect(alarms.map((name) => properties(name).MetricName).toSorted()).toEqual([
      'ChangesFailed',
      'ChangesRejected',
      'Errors',
      'IteratorAge',
    ]);
    for (const name of alarms) expect(properties(name).AlarmActions).toHaveLength(1);
  });

  it('changes nothing else, but that the dashboard shows its outcomes', () => {
    const { DocumentsTable: _, FailedToReplicateAlarm: __, Dashboard, ...others } = native.Resources;
    const titles = (dashboard: typeof Dashboard): readonly string[] => {
      const { widgets } = JSON.parse(dashboard?.Properties.DashboardBody['Fn::Sub']) as {
        readonly widgets: readonly { readonly properties: { readonly title: string } }[];
      };
      return widgets.map(({ properties: { title } }) => title);
    };
    expect(titles(template.Resources.Dashboard)).toEqual([
      ...titles(Dashboard),
      "Changes of the table's stream by outcome",
    ]);
    // The artifact's folder in the bucket bears the time of packaging.
    const plain = (value: unknown) => JSON.stringify(value).replaceAll(/serverless\/[^"]*\//g, '');
    for (const [name, resource] of Object.entries(others)) {
      expect([name, plain(template.Resources[name])]).toEqual([name, plain(resource)]);
    }
  });
});
