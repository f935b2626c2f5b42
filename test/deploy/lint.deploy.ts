import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LABEL_STORES } from '../../src/stores/label-stores.ts';
import { calledActions } from '../tools/serverless-plugins/called-actions.ts';
import {
  grantedActions,
  NEEDED_BY_LAMBDA,
  type Template,
} from '../tools/serverless-plugins/granted-actions.ts';
import { onBuckets } from '../support/object-parameters.ts';
import { copyService, type ServiceCopy } from '../support/service-copy.ts';
import { fromRunner } from './emulated-aws.ts';

const STREAMS = {
  native: 'arn:aws:kinesis:us-east-1:123456789012:stream/orders-changes',
  function: 'arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000',
} as const;
const VPC = {
  vpcSubnetIds: 'subnet-0a1b2c3d,subnet-1a1b2c3d',
  vpcSecurityGroupIds: 'sg-0a1b2c3d',
} as const;

/** Every choice of what there is in a stage, with every other one. */
const COMBINATIONS = (['native', 'function'] as const).flatMap((fanOut) =>
  (['ON_DEMAND', 'PROVISIONED'] as const).flatMap((streamMode) =>
    LABEL_STORES.flatMap((labelStore) =>
      ['own', 'existing'].flatMap((table) =>
        ['', 'vpc'].map((vpc) => ({
          fanOut,
          streamMode,
          labelStore,
          // Each with each table, in and outside a VPC.
          filter: (vpc === '') === (table === 'own') ? 'changes' : 'none',
          ...(table === 'existing' && { existingTable: 'orders', existingStream: STREAMS[fanOut] }),
          ...(vpc !== '' && VPC),
        })),
      ),
    ),
  ),
);

/** Every mode of HTTP at every endpoint that it has, with all that a parameter adds. */
const HTTP = (
  [
    { http: 'iam' },
    { http: 'jwt', httpJwtIssuer: 'https://issuer.example', httpJwtAudience: 'app,other' },
    { http: 'key', httpKeySha256: 'a'.repeat(64) },
    { http: 'public' },
  ] as const
).flatMap((mode) =>
  (['api', 'url'] as const).flatMap((httpEndpoint) =>
    mode.http === 'jwt' && httpEndpoint === 'url'
      ? []
      : [
          { httpConcurrency: '2', httpPing: '1', ...VPC },
          { httpConcurrency: '2', httpOfficeHours: 'MON-FRI 08:00-18:00 Europe/Berlin', httpPing: '5' },
        ].map((kept) => ({
          ...mode,
          httpEndpoint,
          ...kept,
          ...(httpEndpoint === 'url' && { httpMaxConcurrency: '2', httpTimeout: '60' }),
          ...(httpEndpoint === 'api' && { httpCors: 'https://a.example', httpRate: '5', httpBurst: '10' }),
          labelStore: 'partiql' as const,
        })),
  ),
);

/** Every place of models, in and outside a VPC. */
const MODELS = (
  [
    { models: 's3' },
    { models: 's3', modelsDisk: '1000', ...VPC },
    { models: 's3', modelsBucket: 'my-models', modelsPrefix: 'a/b' },
    { models: 's3', modelsBucket: 'my-models', modelsPrefix: '/', objects: 's3' },
    { models: 'efs', objects: 's3', ...VPC },
  ] as const
).map((place) => ({ ...place, http: 'public', httpEndpoint: 'api', labelStore: 'partiql' as const }));

/** Files in S3, with own and existing buckets, in and outside a VPC, beside HTTP and without. */
const OBJECTS = [
  {},
  { objectsSuffix: '.jsonl,.csv', outputPrefix: 'labels/', ...VPC },
  { objectsBucket: 'my-texts', objectsPrefix: 'in/', http: 'public' },
  { outputBucket: 'my-labels', objectsFormat: 'csv', objectsJoin: 'on', objectsConcurrency: '50' },
  {
    ...{ objectsBucket: 'my-texts', objectsPrefix: 'in/', objectsSuffix: '.parquet' },
    ...{ outputBucket: 'my-texts', outputPrefix: 'out/', ...VPC },
  },
].map((choice) => ({ objects: 's3', ...choice, labelStore: 'partiql' as const }));

/** Every kind of destination, with either table. */
const FORWARDED = [
  'events:us-east-1:123456789012:event-bus/labels',
  'sqs:us-east-1:123456789012:labels.fifo',
  'sns:us-east-1:123456789012:labels',
  'kinesis:us-east-1:123456789012:stream/labels',
  'firehose:us-east-1:123456789012:deliverystream/labels',
  'lambda:us-east-1:123456789012:function:on-label',
].map((name, index) => ({
  forwardTo: `arn:aws:${name}`,
  labelStore: 'partiql' as const,
  ...(index % 2 === 1 && { existingTable: 'orders', existingStream: STREAMS.native, ...VPC }),
}));

/** Grants as on the stage's own table and stream, which those that exist stand in for. */
const asOwn = (grant: string): string =>
  grant.replace(/ on arn:.*:table\/orders$/, ' on DocumentsTable').replace(STREAMS.native, 'ChangesStream');

let service: ServiceCopy;

beforeAll(async () => {
  service = await copyService();
  await service.writeModel('demo');
});

afterAll(() => service.remove());

/** @returns the file of the template */
const packaged = async (name: string, params: Readonly<Record<string, string>>): Promise<string> => {
  const folder = join(service.root, name);
  const run = await service.spawnServerless([
    ...['package', '--package', folder],
    ...Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]),
  ]);
  if (run.status !== 0) throw new Error(run.stdout + run.stderr);
  return join(folder, 'cloudformation-template-update-stack.json');
};

/** What cfn-lint finds; it exits with a status other than 0 where that is anything. */
const lint = async (...files: readonly string[]): Promise<string> => {
  const args = ['--regions', 'us-east-1', '--', ...files];
  const run = promisify(execFile)(fromRunner('DEPLOY_TEST_CFN_LINT'), args);
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  return stdout;
};

describe('serverless package, for every combination of parameters', () => {
  const files: string[] = [];

  it.each(
    [...COMBINATIONS, ...HTTP, ...MODELS, ...OBJECTS, ...FORWARDED].map(
      (params, index) => [JSON.stringify(params), index, params] as const,
    ),
  )('gives the role what its function calls: %s', async (_, index, params) => {
    const file = await packaged(`packaged-${index}`, params);
    files.push(file);
    const template: Template = JSON.parse(await readFile(file, 'utf8'));
    expect(grantedActions(template, 'ClassifyStreamRole').map(asOwn).toSorted()).toEqual(
      [
        ...(await calledActions(
          'src/functions/classify-stream.ts',
          params.labelStore,
          'forwardTo' in params ? params.forwardTo : '',
        )),
        ...NEEDED_BY_LAMBDA['classify-stream'],
      ].toSorted(),
    );
    if ('objects' in params)
      expect(grantedActions(template, 'ClassifyObjectsRole')).toEqual(
        [
          ...(await calledActions('src/functions/classify-objects.ts')).map(onBuckets(params)),
          ...NEEDED_BY_LAMBDA['classify-objects'],
        ].toSorted(),
      );
    if (!('http' in params)) return;
    expect(grantedActions(template, 'PredictRole')).toEqual([
      ...(await calledActions('src/functions/predict.ts')),
      ...NEEDED_BY_LAMBDA.predict,
    ]);
  });

  it('gives templates in which cfn-lint finds nothing', async () => {
    expect(files.length).toBeGreaterThan(0);
    expect(await lint(...files)).toBe('');
  });
});

it('cfn-lint finds what is wrong: it was asked', async () => {
  const file = await packaged('broken', { fanOut: 'native' });
  const template = JSON.parse(await readFile(file, 'utf8'));
  template.Resources.ChangesStream.Properties.NoSuchProperty = true;
  const broken = join(service.root, 'broken', 'broken.json');
  await writeFile(broken, JSON.stringify(template));
  expect(await lint(broken)).toMatch(/E3002.*NoSuchProperty/);
});
