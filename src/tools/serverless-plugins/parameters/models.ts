import { parseNames } from './lists.ts';

/** The parameters that say where models are. */
export const MODELS_PARAMETERS = [
  'models',
  'modelsBucket',
  'modelsPrefix',
  'modelsRefreshSeconds',
  'modelsDisk',
] as const;

export type ModelsParameters = Readonly<Record<(typeof MODELS_PARAMETERS)[number], string>>;

export const MODELS_SOURCES = ['layer', 's3', 'efs'] as const;

/** A text or a CloudFormation function that gives one. */
type Reference = string | Readonly<Record<string, unknown>>;

/** What follows from them, for every function that has models. */
export interface ChosenModels {
  readonly source: (typeof MODELS_SOURCES)[number];
  /** `MODELS_DIR` */
  readonly dir: Reference;
  readonly layers: readonly Reference[];
  /** Of a file system that functions mount; null where there is none. */
  readonly fileSystem: { readonly arn: Reference; readonly localMountPath: string } | null;
  /** MB of `/tmp`; null for what Lambda gives anyway. */
  readonly ephemeralStorage: number | null;
  /** Resources that have to be there before a function is; null where there are none. */
  readonly dependsOn: readonly string[] | null;
  /** Policies of the functions' roles. */
  readonly managedPolicies: readonly Reference[];
  /** Where batch jobs, which mount no file system, have models, and the policies of their role. */
  readonly jobs: { readonly dir: Reference; readonly managedPolicies: readonly Reference[] };
  /** ARNs of the bucket, and of the models in it. */
  readonly bucketArn: Reference;
  readonly objectsArn: Reference;
  /** What lists are allowed of. */
  readonly listedPrefixes: readonly string[];
  /** Resources of which there is one for each subnet or group. */
  readonly resources: Readonly<Record<string, object>>;
  /** Resources of `src/infrastructure/models` that this choice does without. */
  readonly without: readonly string[];
}

/** Where functions see the file system. */
const MOUNT = '/mnt/models';
/** What Lambda gives without being asked, in MB, and what is left of `/tmp` for other files. */
const FREE_STORAGE = 512;
const BESIDES_MODELS = 112;

const RUNTIME_LAYER = { Ref: 'RuntimeLambdaLayer' };
const NFS_PORT = 2049;

interface Vpc {
  readonly vpcSubnetIds: string;
  readonly vpcSecurityGroupIds: string;
}

/** What a stage with these parameters has, in which `modelsFaults` finds no fault. */
export const chooseModels = (parameters: ModelsParameters & Vpc): ChosenModels => {
  const { models, modelsBucket } = parameters;
  const prefix = prefixOf(parameters.modelsPrefix);
  const bucket = modelsBucket === '' ? { Ref: 'ModelsBucket' } : modelsBucket;
  const bucketArn = { 'Fn::Sub': ['arn:${AWS::Partition}:s3:::${bucket}', { bucket }] };
  const none: Omit<ChosenModels, 'source' | 'dir' | 'layers'> = {
    fileSystem: null,
    ephemeralStorage: null,
    dependsOn: null,
    managedPolicies: [],
    jobs: { dir: '/opt/models', managedPolicies: [] },
    bucketArn,
    objectsArn: { 'Fn::Sub': [`arn:\${AWS::Partition}:s3:::\${bucket}/${prefix}*`, { bucket }] },
    listedPrefixes: prefix === '' ? ['', '*'] : [prefix, `${prefix}*`],
    resources: {},
    without: [],
  };
  const policy = [{ Ref: 'ModelsAccess' }];
  if (models === 's3') {
    const dir = { 'Fn::Sub': [`s3://\${bucket}/${prefix}`, { bucket }] };
    const storage = Math.max(FREE_STORAGE, Number(parameters.modelsDisk) + BESIDES_MODELS);
    return {
      ...none,
      source: 's3',
      dir,
      jobs: { dir, managedPolicies: policy },
      layers: [RUNTIME_LAYER],
      ephemeralStorage: storage === FREE_STORAGE ? null : storage,
      managedPolicies: policy,
      without: modelsBucket === '' ? [] : ['ModelsBucket', 'ModelsBucketPolicy'],
    };
  }
  if (models === 'efs') {
    const { targets, resources } = fileSystemResources(parameters);
    return {
      ...none,
      source: 'efs',
      dir: MOUNT,
      layers: [RUNTIME_LAYER],
      fileSystem: { arn: { 'Fn::GetAtt': ['ModelsAccessPoint', 'Arn'] }, localMountPath: MOUNT },
      dependsOn: targets,
      managedPolicies: policy,
      resources,
    };
  }
  return {
    ...none,
    source: 'layer',
    dir: '/opt/models',
    layers: [RUNTIME_LAYER, { Ref: 'ModelsLambdaLayer' }],
  };
};

/** `models` → `models/`; empty stays so. */
const prefixOf = (written: string): string => {
  const path = written.replace(/^\/+|\/+$/g, '');
  return path === '' ? '' : `${path}/`;
};

/** A function mounts through the target of its subnet, which its first security group admits. */
const fileSystemResources = ({ vpcSubnetIds, vpcSecurityGroupIds }: Vpc) => {
  const [group] = parseNames(vpcSecurityGroupIds);
  const subnets = parseNames(vpcSubnetIds);
  const targets = subnets.map((_, index) => `ModelsMountTarget${index + 1}`);
  const targetIn = (subnet: string): object => ({
    Type: 'AWS::EFS::MountTarget',
    Properties: { FileSystemId: { Ref: 'ModelsFileSystem' }, SubnetId: subnet, SecurityGroups: [group] },
  });
  const ingress = {
    Type: 'AWS::EC2::SecurityGroupIngress',
    Properties: {
      Description: 'NFS from the functions to their models',
      GroupId: group,
      SourceSecurityGroupId: group,
      IpProtocol: 'tcp',
      FromPort: NFS_PORT,
      ToPort: NFS_PORT,
    },
  };
  const mounts = subnets.map((subnet, index) => [targets[index], targetIn(subnet)] as const);
  const resources: Readonly<Record<string, object>> = {
    ...Object.fromEntries(mounts),
    ModelsMountRule: ingress,
  };
  return { targets: [...targets, 'ModelsMountRule'], resources };
};
