import { copyService, type ServiceCopy } from '../../support/service-copy.ts';
import { calledActions, calledOnModels } from './called-actions.ts';
import { type PackagedTemplate, packagedTemplates } from './packaged-templates.ts';
import { grantedActions, NEEDED_BY_LAMBDA } from './granted-actions.ts';

const PLACES = {
  s3: { http: 'public', models: 's3', modelsDisk: '1000' },
  bucket: {
    http: 'public',
    models: 's3',
    modelsBucket: 'my-models',
    modelsPrefix: 'a/b',
    modelsRefreshSeconds: '5',
  },
  efs: {
    http: 'public',
    models: 'efs',
    vpcSubnetIds: 'subnet-0a,subnet-0b',
    vpcSecurityGroupIds: 'sg-0a,sg-0b',
  },
} as const;
type Place = keyof typeof PLACES;
const FUNCTIONS = ['ClassifyStreamLambdaFunction', 'PredictLambdaFunction'] as const;

let service: ServiceCopy;
let templates: Readonly<Record<Place, PackagedTemplate>>;

beforeAll(async () => {
  service = await copyService();
  // There is no models/ here, and none is needed.
  templates = await packagedTemplates(service, PLACES);
}, 300_000);

afterAll(() => service.remove());

const properties = (place: Place, name: string) => templates[place].Resources[name]?.Properties;
const variables = (place: Place, name: string) => properties(place, name).Environment.Variables;
const statements = (place: Place) => properties(place, 'ModelsAccess').PolicyDocument.Statement;

describe.each(['s3', 'bucket', 'efs'] as const)('models in %s', (place) => {
  it('deploys no models, neither as a layer nor in the functions', () => {
    expect(templates[place].Resources.ModelsLambdaLayer).toBeUndefined();
    for (const name of FUNCTIONS)
      expect(properties(place, name).Layers).toEqual([{ Ref: 'RuntimeLambdaLayer' }]);
  });

  it('lets the roles of the functions with models read them, and do nothing else besides', async () => {
    const access = expect.arrayContaining([{ Ref: 'ModelsAccess' }]);
    expect(properties(place, 'ClassifyStreamRole').ManagedPolicyArns).toEqual(access);
    expect(properties(place, 'PredictRole').ManagedPolicyArns).toEqual(access);
    expect(grantedActions(templates[place], 'ClassifyStreamRole')).toEqual(
      [
        ...(await calledActions('src/functions/classify-stream.ts', 'partiql')),
        ...NEEDED_BY_LAMBDA['classify-stream'],
      ].toSorted(),
    );
    expect(grantedActions(templates[place], 'PredictRole')).toEqual(NEEDED_BY_LAMBDA.predict);
  });
});

describe('models in S3', () => {
  it('grants what the code calls, on the models and no other objects', async () => {
    expect(await calledOnModels()).toEqual(['s3:GetObject on objects', 's3:ListBucket on bucket']);
    const own = { bucket: { Ref: 'ModelsBucket' } };
    expect(statements('s3')).toEqual([
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: { 'Fn::Sub': ['arn:${AWS::Partition}:s3:::${bucket}/models/*', own] },
      },
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: { 'Fn::Sub': ['arn:${AWS::Partition}:s3:::${bucket}', own] },
        Condition: { StringLike: { 's3:prefix': ['models/', 'models/*'] } },
      },
    ]);
    expect(JSON.stringify(statements('bucket'))).toContain('${bucket}/a/b/*",');
    expect(statements('bucket')[1].Condition).toEqual({ StringLike: { 's3:prefix': ['a/b/', 'a/b/*'] } });
  });

  it('tells the functions where they are, and gives them room for them', () => {
    for (const name of FUNCTIONS) {
      expect(variables('s3', name)).toMatchObject({
        MODELS_DIR: { 'Fn::Sub': ['s3://${bucket}/models/', { bucket: { Ref: 'ModelsBucket' } }] },
        MODELS_DISK_MB: '1000',
        MODELS_REFRESH_SECONDS: '60',
      });
      expect(properties('s3', name).EphemeralStorage).toEqual({ Size: 1112 });
      expect(variables('bucket', name)).toMatchObject({
        MODELS_DIR: { 'Fn::Sub': ['s3://${bucket}/a/b/', { bucket: 'my-models' }] },
        MODELS_REFRESH_SECONDS: '5',
      });
      expect(properties('bucket', name).EphemeralStorage).toBeUndefined();
    }
  });

  it('makes a bucket of its own, closed and kept, only where none is named', () => {
    expect(templates.s3.Resources.ModelsBucket).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: { PublicAccessBlockConfiguration: { RestrictPublicBuckets: true } },
    });
    expect(templates.bucket.Resources.ModelsBucket).toBeUndefined();
    expect(templates.bucket.Resources.ModelsBucketPolicy).toBeUndefined();
  });
});

describe('models on EFS', () => {
  it('lets functions mount them through the access point, and not write', () => {
    expect(statements('efs')).toEqual([
      {
        Effect: 'Allow',
        Action: 'elasticfilesystem:ClientMount',
        Resource: { 'Fn::GetAtt': ['ModelsFileSystem', 'Arn'] },
        Condition: {
          StringEquals: {
            'elasticfilesystem:AccessPointArn': { 'Fn::GetAtt': ['ModelsAccessPoint', 'Arn'] },
          },
        },
      },
    ]);
    // Without a policy of its own, everybody could write.
    expect(properties('efs', 'ModelsFileSystem').FileSystemPolicy.Statement).toMatchObject([
      { Effect: 'Deny' },
    ]);
  });

  it('has a mount target in each subnet, which are there before the functions are', () => {
    for (const name of FUNCTIONS) {
      expect(properties('efs', name).FileSystemConfigs).toEqual([
        { Arn: { 'Fn::GetAtt': ['ModelsAccessPoint', 'Arn'] }, LocalMountPath: '/mnt/models' },
      ]);
      expect(variables('efs', name).MODELS_DIR).toBe('/mnt/models');
      const { DependsOn } = templates.efs.Resources[name] as unknown as { DependsOn: readonly string[] };
      expect(DependsOn).toEqual(
        expect.arrayContaining(['ModelsMountTarget1', 'ModelsMountTarget2', 'ModelsMountRule']),
      );
    }
    expect(properties('efs', 'ModelsMountTarget2')).toEqual({
      FileSystemId: { Ref: 'ModelsFileSystem' },
      SubnetId: 'subnet-0b',
      SecurityGroups: ['sg-0a'],
    });
    expect(properties('efs', 'ModelsMountRule')).toMatchObject({
      GroupId: 'sg-0a',
      SourceSecurityGroupId: 'sg-0a',
      FromPort: 2049,
      ToPort: 2049,
    });
  });
});
