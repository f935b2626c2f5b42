import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageParameters } from '../../../src/tools/serverless-plugins/parameters/choose.ts';
import { parameterFaults } from '../../../src/tools/serverless-plugins/parameters/faults.ts';
import { BATCH_DEFAULTS } from '../../support/batch-parameters.ts';
import { OBJECTS_DEFAULTS } from '../../support/object-parameters.ts';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Default: string }>>;
  readonly Conditions?: object;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

const KINESIS = 'arn:aws:kinesis:us-east-1:123456789012:stream/orders-changes';
const TABLE_STREAM = 'arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000';
const VPC = { vpcSubnetIds: 'subnet-0a1,subnet-0b2', vpcSecurityGroupIds: 'sg-0c3' };
const existing = (existingStream: string) => ({
  existingTable: 'orders',
  existingStream,
  keyAttributes: 'order',
});

/** A setting of each kind; any two settings of different kinds are together in one of these rows. */
const ROWS = [
  ['prod', 'own', 'native', 'ON_DEMAND', 'vpc', 'tags', 'labels-table', 'changes', ''],
  ['dev', 'existing', 'function', 'ON_DEMAND', '', '', 'partiql', 'changes', ''],
  ['dev', 'existing', 'function', 'PROVISIONED', 'vpc', 'tags', 'update-item', 'changes', ''],
  ['qa', 'own', 'native', 'PROVISIONED', '', '', 'update-item', 'changes', ''],
  ['qa', 'own', 'native', 'PROVISIONED', 'vpc', 'tags', 'partiql', 'none', 'email'],
  ['prod', 'existing', 'native', 'PROVISIONED', '', '', 'labels-table', 'changes', 'email'],
  ['dev', 'own', 'function', 'PROVISIONED', '', 'tags', 'labels-table', 'none', ''],
  ['qa', 'existing', 'function', 'ON_DEMAND', 'vpc', '', 'update-item', 'none', 'email'],
] as const;

const COMBINATIONS = ROWS.map(([stage, table, fanOut, streamMode, vpc, tags, labelStore, filter, alarm]) => {
  const parameters: Readonly<Record<string, string>> = {
    fanOut,
    streamMode,
    labelStore,
    filter,
    ...(streamMode === 'PROVISIONED' && { shards: '4' }),
    ...(table === 'existing' && existing(fanOut === 'native' ? KINESIS : TABLE_STREAM)),
    ...(vpc && VPC),
    ...(tags && { tags: 'team=x,cost-center=' }),
    ...(alarm && { alarmEmail: 'on-call@example.com' }),
  };
  return [stage, parameters] as const;
});

const asOptions = (parameters: Readonly<Record<string, string>>): string[] =>
  Object.entries(parameters).flatMap(([name, value]) => ['--param', `${name}=${value}`]);

const PSEUDO = /^AWS::(AccountId|NoValue|Partition|Region|StackName|StackId|URLSuffix)$/;

/** Names that a template's functions refer to and that are not in it. */
const dangling = (template: Template): string[] => {
  const known = new Set([...Object.keys(template.Resources), ...Object.keys(template.Parameters ?? {})]);
  const missing: string[] = [];
  const check = (name: string) => {
    if (!known.has(name) && !PSEUDO.test(name)) missing.push(name);
  };
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (name === 'Ref') check(String(inner));
      else if (name === 'Fn::GetAtt') check(String([inner].flat()[0]).split('.')[0] ?? '');
      else if (name === 'Fn::Sub' && typeof inner === 'string') {
        for (const [, used = ''] of inner.matchAll(/\$\{([^!}][^}]*)\}/g)) check(used.split('.')[0] ?? '');
      } else if (name === 'DependsOn') [inner].flat().forEach((one) => check(String(one)));
      else visit(inner);
    }
  };
  visit(template);
  return missing;
};

const ofType = (template: Template, type: string) =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type);

let service: ServiceCopy;
beforeAll(async () => {
  service = await copyService();
  await service.writeModel('demo');
});
afterAll(() => service.remove());

const packageWith = async (
  folder: string,
  stage: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Template> => {
  const path = join(service.root, folder);
  const { status, stderr, stdout } = await service.serverless([
    ...['package', '--package', path, '--stage', stage],
    ...asOptions(parameters),
  ]);
  if (status !== 0) throw new Error(stderr + stdout);
  return JSON.parse(await readFile(join(path, 'cloudformation-template-update-stack.json'), 'utf8'));
};

describe('the rows', () => {
  it('have any two settings of different kinds together', () => {
    const kinds = ROWS[0].map((_, kind) => [...new Set(ROWS.map((row) => row[kind]))]).slice(1);
    const missing = kinds.flatMap((one, a) =>
      kinds.flatMap((other, b) =>
        a >= b
          ? []
          : one.flatMap((x) =>
              other
                .filter((y) => !ROWS.some((row) => row[a + 1] === x && row[b + 1] === y))
                .map((y) => `${x} ${y}`),
            ),
      ),
    );
    expect(missing).toEqual([]);
  });
});

describe('serverless package, for each combination of parameters', () => {
  const templates = new Map<number, Template>();
  beforeAll(async () => {
    for (const [index, [stage, parameters]] of COMBINATIONS.entries())
      templates.set(index, await packageWith(`packaged-${index}`, stage, parameters));
  }, 300_000);

  const cases = COMBINATIONS.map(([stage, parameters], index) => ({
    index,
    stage,
    parameters,
    name: `${stage} ${JSON.stringify(parameters)}`,
  }));

  it.each(cases)('$name', ({ index, stage, parameters }) => {
    const template = templates.get(index);
    if (template === undefined) throw new Error('not packaged');
    const { Resources, Outputs } = template;
    expect(dangling(template)).toEqual([]);

    const own = parameters.existingTable === undefined;
    const table = own ? `labelstream-${stage}-documents` : 'orders';
    expect(Resources.DocumentsTable !== undefined).toBe(own);
    expect(Outputs.DocumentsTableName?.Value).toBe(table);
    const { Variables } = Resources.ClassifyStreamLambdaFunction?.Properties?.Environment as {
      readonly Variables: Readonly<Record<string, string>>;
    };
    expect(Variables).toMatchObject({ DOCUMENTS_TABLE: table, KEY_ATTRIBUTES: own ? 'id' : 'order' });

    expect(template.Parameters?.AlarmEmail?.Default).toBe(parameters.alarmEmail ?? '');

    const mappings = ofType(template, 'AWS::Lambda::EventSourceMapping');
    for (const [, { Properties }] of mappings) {
      expect(Properties?.FilterCriteria !== undefined).toBe(parameters.filter === 'changes');
    }
    const sources = mappings.map(([, { Properties }]) => Properties?.EventSourceArn);
    const ownStream = own || parameters.fanOut === 'function';
    expect(Resources.ChangesStream !== undefined).toBe(ownStream);
    expect(sources).toContainEqual(ownStream ? { 'Fn::GetAtt': ['ChangesStream', 'Arn'] } : KINESIS);
    expect(sources).toHaveLength(parameters.fanOut === 'function' ? 2 : 1);
    if (parameters.fanOut === 'function') {
      expect(sources).toContainEqual(own ? { 'Fn::GetAtt': ['DocumentsTable', 'StreamArn'] } : TABLE_STREAM);
    }
    if (ownStream) {
      const isProvisioned = parameters.streamMode === 'PROVISIONED';
      expect(Resources.ChangesStream?.Properties).toMatchObject({
        StreamModeDetails: { StreamMode: parameters.streamMode ?? 'ON_DEMAND' },
      });
      expect(Number(Resources.ChangesStream?.Properties?.ShardCount ?? 0)).toBe(
        isProvisioned ? Number(parameters.shards ?? 1) : 0,
      );
    }

    const inVpc = parameters.vpcSubnetIds !== undefined;
    for (const [, { Properties }] of ofType(template, 'AWS::Lambda::Function')) {
      expect(Properties?.VpcConfig).toEqual(
        inVpc ? { SubnetIds: ['subnet-0a1', 'subnet-0b2'], SecurityGroupIds: ['sg-0c3'] } : undefined,
      );
      const tags = Properties?.Tags as readonly { readonly Key: string }[];
      expect(tags.map(({ Key }) => Key).toSorted()).toEqual(
        [
          'service',
          'stage',
          ...(parameters.tags?.split(',').map((pair) => pair.split('=')[0]) ?? []),
        ].toSorted(),
      );
    }
    expect(Resources.VpcAccess !== undefined).toBe(inVpc);
    for (const [, { Properties }] of ofType(template, 'AWS::IAM::Role')) {
      expect(Properties?.ManagedPolicyArns).toEqual(inVpc ? [{ Ref: 'VpcAccess' }] : []);
      expect(JSON.stringify(Properties)).not.toContain('ec2:');
    }
  });
});

describe('serverless, with a parameter that is missing or wrong', () => {
  it('tells every fault at once, before it does anything', async () => {
    const fresh = await copyService();
    const run = await fresh.serverless([
      'package',
      ...asOptions({ existingTable: 'orders', fanOut: 'lambda', tags: 'team', memori: '512' }),
    ]);
    expect(run.status).toBe(1);
    expect(run.stdout).toContain('Parameter memori is unknown: use one of alarmDrift, alarmEmail,');
    expect(run.stdout).toContain('Parameter fanOut is "lambda": use native or function.');
    expect(run.stdout).toContain('Parameter existingTable needs existingStream');
    expect(run.stdout).toContain('Parameter tags has "team": give name=value');
    expect(existsSync(join(fresh.root, '.build'))).toBe(false);
    await fresh.remove();
  }, 30_000);

  const DEFAULTS: StageParameters = {
    existingTable: '',
    existingStream: '',
    keyAttributes: 'id',
    fanOut: 'native',
    streamMode: 'ON_DEMAND',
    shards: '1',
    labelStore: 'partiql',
    tableRemoval: 'Delete',
    vpcSubnetIds: '',
    vpcSecurityGroupIds: '',
    tags: '',
    forwardTo: '',
    alarmDrift: '0',
    http: 'none',
    httpEndpoint: 'api',
    httpKeySha256: '',
    httpJwtIssuer: '',
    httpJwtAudience: '',
    httpRate: '50',
    httpBurst: '100',
    httpMaxConcurrency: '',
    httpTimeout: '29',
    httpCors: '',
    httpConcurrency: '0',
    httpOfficeHours: '',
    httpPing: '0',
    ...OBJECTS_DEFAULTS,
    ...BATCH_DEFAULTS,
    models: 'layer',
    modelsBucket: '',
    modelsPrefix: 'models',
    modelsRefreshSeconds: '60',
    modelsDisk: '400',
  };
  const KEY = { http: 'key', httpKeySha256: 'a'.repeat(64) };
  const JWT = { http: 'jwt', httpJwtIssuer: 'https://issuer.example', httpJwtAudience: 'app' };
  const HOURS = 'MON-FRI 08:00-18:00 Europe/Berlin';

  it.each<Partial<StageParameters>>([
    KEY,
    JWT,
    { ...JWT, httpCors: 'https://a.example,http://localhost:3000' },
    { http: 'iam', httpEndpoint: 'url', httpTimeout: '900' },
    { http: 'public', httpEndpoint: 'url', httpMaxConcurrency: '5', httpCors: '*' },
    { ...KEY, httpConcurrency: '2', httpMaxConcurrency: '2', httpPing: '1440' },
    { http: 'iam', httpConcurrency: '2', httpOfficeHours: HOURS },
    { http: 'iam', httpConcurrency: '2', httpOfficeHours: 'MON,WED 00:00-23:59 UTC' },
    { models: 's3' },
    { models: 's3', modelsBucket: 'my-models', modelsPrefix: 'a/b', modelsDisk: '10128' },
    { models: 's3', modelsPrefix: '', modelsRefreshSeconds: '1' },
    { models: 'efs', vpcSubnetIds: 'subnet-0a,subnet-0b', vpcSecurityGroupIds: 'sg-0a' },
    { forwardTo: 'arn:aws:events:us-east-1:123456789012:event-bus/default' },
    { forwardTo: 'arn:aws:kinesis:us-east-1:123456789012:stream/labels', ...existing(KINESIS) },
  ])('finds no fault in %j', (parameters) => {
    expect(parameterFaults({ ...DEFAULTS, ...parameters })).toEqual([]);
  });

  it('finds no fault in the defaults and in each combination above', () => {
    for (const [, parameters] of COMBINATIONS) {
      expect(parameterFaults({ ...DEFAULTS, ...parameters })).toEqual([]);
    }
    expect(parameterFaults(DEFAULTS)).toEqual([]);
  });

  it.each<[Partial<StageParameters>, RegExp]>([
    [{ streamMode: 'DEMAND' }, /streamMode is "DEMAND": use ON_DEMAND or PROVISIONED/],
    [{ labelStore: 'redis' }, /labelStore is "redis": use partiql or update-item or labels-table/],
    [{ tableRemoval: 'Keep' }, /tableRemoval is "Keep"/],
    [{ shards: '0' }, /shards is "0"/],
    [{ existingStream: KINESIS }, /existingStream needs existingTable/],
    [{ keyAttributes: 'pk' }, /keyAttributes is for a table that exists/],
    [{ existingTable: 'orders' }, /needs existingStream: give the ARN of the Kinesis stream/],
    [
      { existingTable: 'orders', fanOut: 'function' },
      /needs existingStream: give the ARN of the table's own/,
    ],
    [{ existingTable: 'orders', existingStream: TABLE_STREAM }, /give the ARN of the Kinesis stream/],
    [
      { existingTable: 'invoices', existingStream: TABLE_STREAM, fanOut: 'function' },
      /give the ARN of the table's own stream/,
    ],
    [{ existingTable: 'a:b', existingStream: KINESIS }, /give the table's name, not its ARN/],
    [
      { existingTable: 'orders', existingStream: KINESIS, keyAttributes: '' },
      /keyAttributes should name the key/,
    ],
    [{ vpcSubnetIds: 'subnet-1' }, /vpcSecurityGroupIds is missing/],
    [{ vpcSecurityGroupIds: 'sg-1' }, /vpcSubnetIds is missing/],
    [{ vpcSubnetIds: 'net-1', vpcSecurityGroupIds: 'sg-1' }, /vpcSubnetIds has "net-1"/],
    [{ vpcSubnetIds: 'subnet-1', vpcSecurityGroupIds: 'sg-1,sg-2,sg-3,sg-4,sg-5,sg-6' }, /Lambda takes 5/],
    [{ tags: 'aws:x=1' }, /begins with aws:/],
    [{ tags: 'stage=1' }, /stage is set already/],
    [{ tags: 'a=1,a=2' }, /names a tag twice/],
    [
      { objects: 's3', outputBucket: 'texts', objectsBucket: 'texts' },
      /outputs in it could be objects again/,
    ],
    [{ models: 'ftp' }, /models is "ftp": use layer or s3 or efs/],
    [{ modelsBucket: 'my-models' }, /modelsBucket is for models in S3: give models=s3/],
    [{ models: 's3', modelsBucket: 'arn:aws:s3:::b' }, /give the name of a bucket, not its ARN or URL/],
    [{ models: 's3', modelsPrefix: 'a/../b' }, /modelsPrefix is "a\/..\/b"/],
    [
      { models: 's3', modelsRefreshSeconds: '0' },
      /modelsRefreshSeconds is "0": give seconds from 1 to 86400/,
    ],
    [{ models: 's3', modelsDisk: '10200' }, /modelsDisk is "10200": give MB from 1 to 10128/],
    [{ models: 'efs' }, /models=efs needs a VPC, in which functions mount the file system/],
    [{ forwardTo: 'labels' }, /forwardTo is "labels": give the ARN of an EventBridge bus, an SQS queue/],
    [
      { forwardTo: 'arn:aws:s3:::labels' },
      /forwardTo is "arn:aws:s3:::labels": give the ARN of an EventBridge bus/,
    ],
    [
      { forwardTo: KINESIS, ...existing(KINESIS) },
      /forwardTo is ".*orders-changes", which this service reads/,
    ],
    [
      { forwardTo: 'arn:aws:kinesis:us-east-1:123456789012:stream/labelstream-dev-changes' },
      /labels would come back to it/,
    ],
    [
      { forwardTo: 'arn:aws:lambda:us-east-1:123456789012:function:labelstream-dev-classify-stream:live' },
      /labels would come back to it/,
    ],
    [{ http: 'on' }, /http is "on": use none or iam or jwt or key or public/],
    [{ http: 'iam', httpEndpoint: 'alb' }, /httpEndpoint is "alb": use api or url/],
    [{ http: 'key' }, /give httpKeySha256, the sha256 of the key in 64 hexadecimal digits/],
    [{ http: 'key', httpKeySha256: 'secret' }, /give httpKeySha256/],
    [{ ...KEY, http: 'public' }, /httpKeySha256 is for http=key, and http is public/],
    [{ ...KEY, http: 'none' }, /httpKeySha256 is for http=key, and http is none/],
    [{ ...JWT, httpJwtIssuer: '' }, /give httpJwtIssuer, the https address/],
    [{ ...JWT, httpJwtIssuer: 'http://issuer.example' }, /give httpJwtIssuer/],
    [{ ...JWT, httpJwtAudience: ' , ' }, /give httpJwtAudience/],
    [{ http: 'iam', httpJwtAudience: 'app' }, /httpJwtAudience is for http=jwt, and http is iam/],
    [{ ...JWT, httpEndpoint: 'url' }, /a Function URL checks no tokens/],
    [{ ...KEY, httpEndpoint: 'url' }, /has no rate limit. Give httpMaxConcurrency/],
    [{ http: 'public', httpEndpoint: 'url' }, /has no rate limit. Give httpMaxConcurrency/],
    [{ http: 'iam', httpTimeout: '60' }, /httpTimeout is 60: an HTTP API waits 30 seconds/],
    [{ http: 'public', httpRate: 'fast' }, /httpRate is "fast": give a whole number from 1 to 10000/],
    [{ http: 'public', httpBurst: '0' }, /httpBurst is "0"/],
    [{ http: 'public', httpMaxConcurrency: '0' }, /httpMaxConcurrency is "0"/],
    [{ http: 'public', httpCors: 'a.example' }, /httpCors has "a.example": give origins like/],
    [{ http: 'public', httpCors: 'https://a.example/page' }, /httpCors has "https:\/\/a.example\/page"/],
    [{ httpCors: '*' }, /httpCors is for a stage with http/],
    [{ http: 'iam', httpEndpoint: 'url', httpCors: '*' }, /httpCors with http=iam needs httpEndpoint=api/],
    [{ httpConcurrency: '1' }, /httpConcurrency is for a stage with http/],
    [{ httpPing: '5' }, /httpPing is for a stage with http/],
    [{ http: 'public', httpPing: '1441' }, /httpPing is "1441"/],
    [{ http: 'iam', httpOfficeHours: HOURS }, /httpOfficeHours needs httpConcurrency/],
    [
      { http: 'iam', httpConcurrency: '1', httpOfficeHours: 'MON-FRI 8-18 Europe/Berlin' },
      /give days, hours and a time zone/,
    ],
    [{ http: 'iam', httpConcurrency: '1', httpOfficeHours: 'MON-FRI 18:00-08:00 UTC' }, /within a day/],
    [
      { http: 'iam', httpConcurrency: '1', httpOfficeHours: 'MON-FRI 08:00-18:00 Europe/Atlantis' },
      /give days, hours and a time zone/,
    ],
    [{ http: 'iam', httpConcurrency: '3', httpMaxConcurrency: '2' }, /over httpMaxConcurrency 2/],
    [{ tags: Array.from({ length: 48 }, (_, tag) => `t${tag}=`).join(',') }, /AWS takes 47/],
  ])('%j', (parameters, message) => {
    expect(parameterFaults({ ...DEFAULTS, ...parameters })).toEqual([expect.stringMatching(message)]);
  });
});
