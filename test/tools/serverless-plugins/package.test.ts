import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { unzippedBytes } from '../../../src/tools/build/zip-size.ts';
import { textModel } from '../../support/onnx.ts';
import { type ProgramRun } from '../../support/run-program.ts';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  // CloudFormation properties are whatever the type has.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly Properties: any;
}
interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: string }>>;
}

const FUNCTION = 'ClassifyStreamLambdaFunction';
const MAPPING = 'ClassifyStreamEventSourceMappingKinesisChangesStream';
const readTemplate = async (folder: string): Promise<Template> =>
  JSON.parse(await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'));

/** An AWS that keeps what it is asked and answers with `body`. */
const fakeAws = async (status: number, body: () => string) => {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { asked, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

/** CloudFormation's description of a stack that was deployed with these outputs. */
const describeStacks = (outputs: Template['Outputs']): string =>
  `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member><StackName>labelstream-dev</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus><Outputs>${Object.entries(
    outputs,
  )
    .filter(([, { Value }]) => typeof Value === 'string')
    .map(
      ([key, { Value }]) =>
        `<member><OutputKey>${key}</OutputKey><OutputValue>${Value}</OutputValue></member>`,
    )
    .join(
      '',
    )}</Outputs></member></Stacks></DescribeStacksResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DescribeStacksResponse>`;

let service: ServiceCopy;
let run: ProgramRun;
let template: Template;
let folder: string;
const aws: Awaited<ReturnType<typeof fakeAws>>[] = [];

beforeAll(async () => {
  service = await copyService();
  await service.writeModel('demo');
  const elsewhere = await fakeAws(500, () => '');
  aws.push(elsewhere);
  folder = join(service.root, 'packaged');
  run = await service.serverless(['package', '--package', folder], { AWS_ENDPOINT_URL: elsewhere.url });
  if (run.status !== 0) throw new Error(run.stderr + run.stdout);
  template = await readTemplate(folder);
}, 60_000);

afterAll(async () => {
  for (const { server } of aws) server.close();
  await service.remove();
});

const properties = (name: string) => template.Resources[name]?.Properties;
const ofType = (type: string) => Object.values(template.Resources).filter(({ Type }) => Type === type);

describe('serverless package, without credentials', () => {
  it('asks AWS for nothing and says what each part weighs', () => {
    expect(aws[0]?.asked).toEqual([]);
    expect(run.stderr).toMatch(/classifyStream [\d.]+ MB, runtime layer [\d.]+ MB, models layer [\d.]+ MB/);
  });

  it('puts the bundle into the function and the binding into the layer', async () => {
    expect((await readdir(folder)).filter((file) => file.endsWith('.zip')).sort()).toEqual([
      'classifyStream.zip',
      'models.zip',
      'runtime.zip',
    ]);
    expect(await unzippedBytes(join(folder, 'classifyStream.zip'))).toBeLessThan(5e6);
    expect(await unzippedBytes(join(folder, 'runtime.zip'))).toBeGreaterThan(20e6);
    expect(properties(FUNCTION)).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 1769,
      Timeout: 60,
      Handler: 'src/functions/classify-stream.handler',
      Layers: [{ Ref: 'RuntimeLambdaLayer' }, { Ref: 'ModelsLambdaLayer' }],
    });
  });

  it('reads the stream in batches that fail in part, are halved, retried and given up with a trace', () => {
    expect(properties(MAPPING)).toMatchObject({
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: 1,
      ParallelizationFactor: 2,
      StartingPosition: 'TRIM_HORIZON',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: 43_200,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['FailedBatchesQueue', 'Arn'] } } },
      FilterCriteria: { Filters: [{ Pattern: '{"data":{"eventName":["INSERT","MODIFY"]}}' }] },
    });
  });

  it('sends the changes of the table to the stream, and encrypts whatever is stored', () => {
    expect(properties('DocumentsTable').KinesisStreamSpecification).toEqual({
      StreamArn: { 'Fn::GetAtt': ['ChangesStream', 'Arn'] },
      ApproximateCreationDateTimePrecision: 'MICROSECOND',
    });
    const tables = ofType('AWS::DynamoDB::Table');
    expect(tables).toHaveLength(3);
    for (const { Properties } of tables) expect(Properties.SSESpecification.SSEEnabled).toBe(true);
    for (const name of ['RejectsTable', 'LabelsTable']) {
      expect(properties(name).TimeToLiveSpecification).toEqual({
        AttributeName: 'expires_at',
        Enabled: true,
      });
    }
    expect(properties('ChangesStream').StreamEncryption.EncryptionType).toBe('KMS');
    expect(properties('FailedBatchesQueue')).toMatchObject({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
    expect(properties('ClassifyStreamLogGroup').RetentionInDays).toBe(14);
  });

  it('gives the function a role of its own, for named resources and actions only', () => {
    expect(ofType('AWS::IAM::Role')).toHaveLength(1);
    expect(properties(FUNCTION).Role).toEqual({ 'Fn::GetAtt': ['ClassifyStreamRole', 'Arn'] });
    const [policy] = properties('ClassifyStreamRole').Policies;
    for (const { Action, Resource } of policy.PolicyDocument.Statement) {
      for (const action of [Action].flat()) expect(action).not.toContain('*');
      for (const resource of [Resource].flat()) {
        expect(resource).not.toBe('*');
        expect(resource['Fn::GetAtt']?.[1] ?? resource['Fn::Sub']).toMatch(
          /^Arn$|:log-group:\/aws\/lambda\/labelstream-dev-classify-stream:\*$/,
        );
      }
    }
    const actions = JSON.stringify(policy);
    expect(actions).toContain('dynamodb:PartiQLUpdate');
    expect(actions).not.toContain('dynamodb:UpdateItem');
  });

  it('has no address of HTTP, and nothing of what answers there', () => {
    const types = Object.values(template.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => /ApiGateway|Lambda::Url|Events::|AutoScaling/.test(type))).toEqual([]);
    expect(Object.keys({ ...template.Resources, ...template.Outputs }).join()).not.toMatch(/Predict|Http/);
  });

  it('watches delay, errors, throttles, failed and rejected records, batches given up and lost replication', () => {
    const alarms = ofType('AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
    expect(alarms.map(({ MetricName, Metrics }) => MetricName ?? Metrics[0].Label).sort()).toEqual([
      'ApproximateNumberOfMessagesVisible',
      'Errors',
      'FailedToReplicateRecordCount',
      'IteratorAge',
      'RecordsFailed',
      'RecordsRejected',
      'Throttles',
      'WriteRetries',
    ]);
    for (const { AlarmActions } of alarms) expect(AlarmActions).toHaveLength(1);
    const body: string = properties('Dashboard').DashboardBody['Fn::Sub'];
    expect(JSON.parse(body).widgets.length).toBeGreaterThan(3);
  });
});

describe('serverless package, for a service that is deployed', () => {
  it('publishes only the models layer when only a model has changed, and takes parameters', async () => {
    const cloudFormation = await fakeAws(200, () => describeStacks(template.Outputs));
    // Without an alias nobody has chosen a model for the stage.
    const lambda = await fakeAws(404, () => '{"code":"ResourceNotFoundException","message":"no alias"}');
    aws.push(cloudFormation, lambda);
    await service.writeModel('demo', textModel({ graph: [[10, 'another graph']] }));
    const next = join(service.root, 'packaged-again');
    const { status, stderr, stdout } = await service.serverless(
      [
        ...['package', '--package', next, '--param', 'aws=live', '--param', 'batchSize=200'],
        ...['--param', 'filter=none', '--param', 'labelStore=labels-table', '--param', 'memory=3008'],
        ...['--param', 'model=demo'],
      ],
      {
        AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
        AWS_ENDPOINT_URL_LAMBDA: lambda.url,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      },
    );
    expect([status, stderr + stdout]).toEqual([0, expect.anything()]);
    const { Resources, Outputs } = await readTemplate(next);

    expect(cloudFormation.asked.length).toBeGreaterThan(0);
    expect(Resources.RuntimeLambdaLayer).toEqual(template.Resources.RuntimeLambdaLayer);
    expect(Outputs.RuntimeLambdaLayerHash).toEqual(template.Outputs.RuntimeLambdaLayerHash);
    expect(Resources.ModelsLambdaLayer).not.toEqual(template.Resources.ModelsLambdaLayer);
    expect(Outputs.ModelsLambdaLayerHash).not.toEqual(template.Outputs.ModelsLambdaLayerHash);

    expect(Resources[MAPPING]?.Properties.BatchSize).toBe(200);
    expect(Resources[MAPPING]?.Properties.FilterCriteria).toBeUndefined();
    expect(Resources[FUNCTION]?.Properties.MemorySize).toBe(3008);
    const actions = JSON.stringify(Resources.ClassifyStreamRole);
    expect(actions).toContain('dynamodb:BatchWriteItem');
    expect(actions).not.toContain('dynamodb:PartiQLUpdate');
  }, 60_000);
});
