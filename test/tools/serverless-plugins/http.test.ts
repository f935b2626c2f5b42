import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildBundle } from '../../../src/tools/build/bundle.ts';
import { buildLayers } from '../../../src/tools/build/layers.ts';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';
import { calledActions } from './called-actions.ts';
import { type PackagedTemplate, packagedTemplates } from './packaged-templates.ts';
import { grantedActions, NEEDED_BY_LAMBDA } from './granted-actions.ts';

const SHA256 = 'a'.repeat(64);

/** Each mode once, and with them each parameter that a resource follows from. */
const MODES = {
  none: {},
  iam: { http: 'iam', httpConcurrency: '2', httpOfficeHours: 'MON-FRI 08:00-18:30 Europe/Berlin' },
  jwt: {
    http: 'jwt',
    httpJwtIssuer: 'https://issuer.example',
    httpJwtAudience: 'app,other',
    httpCors: 'https://a.example',
  },
  key: {
    http: 'key',
    httpKeySha256: SHA256,
    httpConcurrency: '3',
    httpPing: '5',
    httpRate: '7',
    httpBurst: '9',
  },
  public: {
    http: 'public',
    httpEndpoint: 'url',
    httpMaxConcurrency: '4',
    httpTimeout: '60',
    httpMemory: '3008',
  },
} as const;

type Mode = keyof typeof MODES;
const OPEN = ['iam', 'jwt', 'key', 'public'] as const;
const OF_API = ['iam', 'jwt', 'key'] as const;
const ALIAS = 'PredictLambdaFunctionLiveAlias';
const LIVE = { 'Fn::Join': [':', [{ 'Fn::GetAtt': ['PredictLambdaFunction', 'Arn'] }, 'live']] };

let service: ServiceCopy;
let templates: Readonly<Record<Mode, PackagedTemplate>>;

beforeAll(async () => {
  service = await copyService();
  await service.writeModel('demo');
  templates = await packagedTemplates(service, MODES);
}, 300_000);

afterAll(() => service.remove());

const properties = (mode: Mode, name: string) => templates[mode].Resources[name]?.Properties;
const ofType = (mode: Mode, type: string) =>
  Object.values(templates[mode].Resources).filter(({ Type }) => Type === type);

describe.each(OPEN)('serverless package, http=%s', (mode) => {
  it('adds a function that may write its log and do nothing else, as its code does', async () => {
    expect(properties(mode, 'PredictLambdaFunction')).toMatchObject({
      FunctionName: 'labelstream-dev-predict',
      Handler: 'src/functions/predict.handler',
      Runtime: 'nodejs24.x',
      Layers: [{ Ref: 'RuntimeLambdaLayer' }, { Ref: 'ModelsLambdaLayer' }],
      Role: { 'Fn::GetAtt': ['PredictRole', 'Arn'] },
      Environment: { Variables: { MODEL: 'banking77-tfidf', HTTP_KEY_SHA256: mode === 'key' ? SHA256 : '' } },
    });
    expect(await calledActions('src/functions/predict.ts')).toEqual([]);
    expect(grantedActions(templates[mode], 'PredictRole')).toEqual(NEEDED_BY_LAMBDA.predict);
    expect(properties(mode, 'PredictLogGroup').RetentionInDays).toBe(14);
  });

  it('invokes it by its alias only', () => {
    const { FunctionVersion } = properties(mode, ALIAS);
    expect(templates[mode].Resources[FunctionVersion['Fn::GetAtt'][0]]).toMatchObject({
      Type: 'AWS::Lambda::Version',
      DeletionPolicy: 'Delete',
    });
    const permissions = ofType(mode, 'AWS::Lambda::Permission');
    expect(permissions.length).toBeGreaterThan(0);
    for (const { Properties } of permissions) expect(Properties.FunctionName).toEqual(LIVE);
  });

  it('watches errors, throttles and time, and shows them', () => {
    const alarms = Object.entries(templates[mode].Resources).filter(
      ([name, { Type }]) => Type === 'AWS::CloudWatch::Alarm' && /^(Predict|Http)/.test(name),
    );
    expect(alarms.map(([, { Properties }]) => Properties.MetricName).toSorted()).toEqual(
      [
        mode === 'public' ? undefined : '5xx',
        'Errors',
        'HttpResponses5xx',
        'HttpTime',
        'Throttles',
        mode === 'public' ? 'Url5xxCount' : undefined,
      ].filter((name) => name !== undefined),
    );
    for (const [, { Properties }] of alarms) expect(Properties.AlarmActions).toHaveLength(1);
    const body: string = properties(mode, 'HttpDashboard').DashboardBody['Fn::Sub'];
    expect(JSON.parse(body).widgets).toHaveLength(6);
  });

  it('changes nothing of the rest', () => {
    // The artifact's folder in the bucket bears the time of packaging.
    const plain = (value: unknown) => JSON.stringify(value).replaceAll(/serverless\/[^"]*\//g, '');
    for (const [name, resource] of Object.entries(templates.none.Resources))
      expect([name, plain(templates[mode].Resources[name])]).toEqual([name, plain(resource)]);
  });
});

describe('the HTTP API', () => {
  it.each(OF_API)('of http=%s sends every request to the function, within limits', (mode) => {
    expect(properties(mode, 'HttpApiIntegrationPredict')).toMatchObject({
      IntegrationUri: LIVE,
      PayloadFormatVersion: '2.0',
    });
    expect(properties(mode, 'HttpApiStage').DefaultRouteSettings).toEqual({
      DetailedMetricsEnabled: false,
      ThrottlingBurstLimit: mode === 'key' ? '9' : 100,
      ThrottlingRateLimit: mode === 'key' ? '7' : 50,
    });
    expect(properties(mode, 'HttpApi').CorsConfiguration).toBeUndefined();
    expect(templates[mode].Outputs.HttpApiUrl).toBeDefined();
    expect(ofType(mode, 'AWS::Lambda::Url')).toEqual([]);
  });

  it.each(OF_API)('of http=%s logs no path and no query', (mode) => {
    const { Format } = properties(mode, 'HttpApiStage').AccessLogSettings;
    const format = JSON.parse(Format);
    expect(format.status).toBe('$context.status');
    expect(Format).not.toMatch(/path|query|sourceIp|body/i);
    expect(properties(mode, 'HttpApiLogGroup').RetentionInDays).toBe(14);
  });

  const routes = (mode: Mode) =>
    ofType(mode, 'AWS::ApiGatewayV2::Route').map(({ Properties }) => [
      Properties.RouteKey,
      Properties.AuthorizationType ?? 'NONE',
    ]);

  it('lets pass whom the mode says, and the preflight requests of browsers', () => {
    expect(routes('iam')).toEqual([['$default', 'AWS_IAM']]);
    expect(routes('key')).toEqual([['$default', 'NONE']]);
    expect(routes('jwt')).toEqual([
      ['$default', 'JWT'],
      ['OPTIONS /', 'NONE'],
      ['OPTIONS /{proxy+}', 'NONE'],
    ]);
    expect(properties('jwt', 'HttpApiAuthorizerJwt').JwtConfiguration).toEqual({
      Audience: ['app', 'other'],
      Issuer: 'https://issuer.example',
    });
    expect(properties('jwt', 'PredictLambdaFunction').Environment.Variables.CORS_ORIGINS).toBe(
      'https://a.example',
    );
  });
});

describe('the Function URL', () => {
  it('is the address of the alias, with a limit of requests at a time', () => {
    expect(properties('public', 'PredictLambdaFunctionUrl')).toEqual({
      AuthType: 'NONE',
      TargetFunctionArn: LIVE,
    });
    expect(properties('public', 'PredictLambdaFunction')).toMatchObject({
      ReservedConcurrentExecutions: 4,
      Timeout: 60,
      MemorySize: 3008,
    });
    // Both are needed. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    const permissions = ofType('public', 'AWS::Lambda::Permission').map(({ Properties }) => Properties);
    expect(permissions.map(({ Action }) => Action).toSorted()).toEqual([
      'lambda:InvokeFunction',
      'lambda:InvokeFunctionUrl',
    ]);
    expect(ofType('public', 'AWS::ApiGatewayV2::Api')).toEqual([]);
    expect(templates.public.Outputs.PredictLambdaFunctionUrl).toBeDefined();
  });
});

describe('environments that are kept initialized', () => {
  const alwaysKept = (mode: Mode) => properties(mode, ALIAS).ProvisionedConcurrencyConfig;

  it('are the alias’s, always or in office hours', () => {
    expect(alwaysKept('jwt')).toBeUndefined();
    expect(alwaysKept('key')).toEqual({ ProvisionedConcurrentExecutions: 3 });
    expect(alwaysKept('iam')).toBeUndefined();
    expect(properties('iam', 'PredictConcurrency')).toMatchObject({
      ResourceId: 'function:labelstream-dev-predict:live',
      ScalableDimension: 'lambda:function:ProvisionedConcurrency',
      MinCapacity: 0,
      MaxCapacity: 0,
      ScheduledActions: [
        {
          Schedule: 'cron(0 8 ? * MON-FRI *)',
          Timezone: 'Europe/Berlin',
          ScalableTargetAction: { MinCapacity: '2', MaxCapacity: '2' },
        },
        { Schedule: 'cron(30 18 ? * MON-FRI *)', ScalableTargetAction: { MinCapacity: 0, MaxCapacity: 0 } },
      ],
    });
    expect(templates.key.Resources.PredictConcurrency).toBeUndefined();
  });

  it('are none of the function that reads the stream', () => {
    for (const mode of OPEN)
      expect(
        properties(mode, 'ClassifyStreamLambdaFunctionLiveAlias').ProvisionedConcurrencyConfig,
      ).toBeUndefined();
  });

  it('are kept by a ping where one is asked for', () => {
    expect(ofType('iam', 'AWS::Events::Rule')).toEqual([]);
    expect(ofType('key', 'AWS::Events::Rule').map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({
        ScheduleExpression: 'rate(5 minutes)',
        Targets: [expect.objectContaining({ Arn: LIVE, Input: '{"labelstream":"ping"}' })],
      }),
    ]);
  });
});

describe('the bundle of predict', () => {
  it('has no AWS SDK in it, asks the layer for one only when it is needed, and takes 0.39 MB at most', async () => {
    const { file } = await buildBundle(service.root, join(service.root, 'bundle'), {
      functionName: 'predict',
    });
    const bundle = await readFile(file, 'utf8');
    expect(bundle).not.toMatch(/DynamoDBClient|KinesisClient|@aws-sdk\/(?!client-s3"\))/);
    expect(Buffer.byteLength(bundle)).toBeLessThanOrEqual(390_000);
    // With models in a layer it is not there, and not missed.
    const script = `require(${JSON.stringify(file)}).ready.then(
      () => console.log(Object.keys(require.cache).filter((name) => name.includes('client-s3')).length))`;
    const { opt } = await buildLayers({ architecture: 'host', root: service.root });
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
      env: {
        ...process.env,
        NODE_PATH: join(opt, 'nodejs/node_modules'),
        MODELS_DIR: join(opt, 'models'),
        MODEL: 'demo',
      },
    });
    expect(stdout).toBe('0\n');
  });
});
