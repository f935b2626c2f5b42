import { type ChosenForward, chooseForward } from './forward.ts';
import { type ChosenHttp, chooseHttp, HTTP_PARAMETERS } from './http.ts';
import { BATCH_PARAMETERS, type ChosenBatch, chooseBatch, withoutLarge } from './batch.ts';
import { type ChosenModels, chooseModels, MODELS_PARAMETERS } from './models.ts';
import { parsePairs, parseNames } from './lists.ts';
import { type ChosenObjects, chooseObjects, OBJECTS_PARAMETERS } from './objects.ts';
import { PACKAGE_PARAMETERS } from './package-faults.ts';
import { type ChosenWidgets, chooseWidgets } from './widgets.ts';

/** The parameters of `serverless.yml` that decide which resources a stage has, as given: text, or a number. */
export const CHOOSING = [
  'existingTable',
  'existingStream',
  'keyAttributes',
  'fanOut',
  'streamMode',
  'shards',
  'labelStore',
  'tableRemoval',
  'vpcSubnetIds',
  'vpcSecurityGroupIds',
  'tags',
  'forwardTo',
  'alarmDrift',
  ...HTTP_PARAMETERS,
  ...OBJECTS_PARAMETERS,
  ...BATCH_PARAMETERS,
  ...PACKAGE_PARAMETERS,
  ...MODELS_PARAMETERS,
] as const;

export type StageParameters = Readonly<Record<(typeof CHOOSING)[number], string>>;

export interface StageName {
  readonly service: string;
  readonly stage: string;
}

/** A name, an ARN or a CloudFormation function that gives one. */
type Reference = string | Readonly<Record<string, unknown>>;

/** The values that follow from the parameters; `serverless.yml` refers to them as `self:custom.labelstream.chosen`. */
export interface Chosen {
  /** Name and ARN of the table with the texts, and the ARN of its own stream. */
  readonly documentsTable: string;
  readonly documentsTableArn: Reference;
  readonly tableStreamArn: Reference;
  /** Name and ARN of the Kinesis stream that the function reads. */
  readonly changesStream: string;
  readonly changesStreamArn: Reference;
  /** Of functions; null outside a VPC. */
  readonly vpc: {
    readonly subnetIds: readonly string[];
    readonly securityGroupIds: readonly string[];
  } | null;
  /** Policies of the functions' roles besides their own. */
  readonly managedPolicies: readonly Reference[];
  /** The same of functions that have models. */
  readonly modelPolicies: readonly Reference[];
  /** The same of classifyStream. */
  readonly classifyStreamPolicies: readonly Reference[];
  readonly tags: Readonly<Record<string, string>>;
  readonly forward: ChosenForward;
  readonly widgets: ChosenWidgets;
  readonly http: ChosenHttp;
  readonly objects: ChosenObjects;
  readonly batch: ChosenBatch;
  readonly models: ChosenModels;
  /** Environments kept initialized, by the name of the function. */
  readonly provisionedConcurrency: Readonly<Record<string, number>>;
  /** Resources of `serverless.yml` that this choice does without, by logical name. */
  readonly without: readonly string[];
}

const attribute = (resource: string, name: string): Reference => ({ 'Fn::GetAtt': [resource, name] });

/** The name in the ARN of a table, a table's stream or a Kinesis stream. */
const nameIn = (arn: string): string => arn.split('/')[1] ?? '';

/** The values for a stage with these parameters, in which `parameterFaults` finds no fault. */
export const choose = (parameters: StageParameters, { service, stage }: StageName): Chosen => {
  const { existingTable, existingStream, fanOut } = parameters;
  const ownTable = existingTable === '';
  // The fan-out function fills a Kinesis stream of ours; an existing table with the native one fills its own.
  const ownStream = ownTable || fanOut === 'function';
  const subnetIds = parseNames(parameters.vpcSubnetIds);
  const vpc =
    subnetIds.length === 0
      ? null
      : { subnetIds, securityGroupIds: parseNames(parameters.vpcSecurityGroupIds) };
  const http = chooseHttp(parameters);
  const forward = chooseForward(parameters.forwardTo);
  const all = chooseObjects(parameters);
  const objects = withoutLarge(all, parameters);
  const models = chooseModels(parameters);
  const managedPolicies = vpc === null ? [] : [{ Ref: 'VpcAccess' }];
  const modelPolicies = [...managedPolicies, ...models.managedPolicies];
  return {
    documentsTable: ownTable ? `${service}-${stage}-documents` : existingTable,
    documentsTableArn: ownTable
      ? attribute('DocumentsTable', 'Arn')
      : {
          'Fn::Sub': `arn:\${AWS::Partition}:dynamodb:\${AWS::Region}:\${AWS::AccountId}:table/${existingTable}`,
        },
    tableStreamArn: ownTable ? attribute('DocumentsTable', 'StreamArn') : existingStream,
    changesStream: ownStream ? `${service}-${stage}-changes` : nameIn(existingStream),
    changesStreamArn: ownStream ? attribute('ChangesStream', 'Arn') : existingStream,
    vpc,
    managedPolicies,
    modelPolicies,
    classifyStreamPolicies: [
      ...modelPolicies,
      ...(forward.kind === 'none' ? [] : [{ Ref: 'ForwardAccess' }]),
    ],
    tags: { service, stage, ...Object.fromEntries(parsePairs(parameters.tags)) },
    ...{ forward, http },
    widgets: chooseWidgets(
      {
        forwards: forward.kind !== 'none',
        fansOut: fanOut === 'function',
        hasJobs: parameters.batch === 'fargate',
      },
      `${service}-${stage}`,
    ),
    objects,
    batch: chooseBatch(parameters, all, `${service}-${stage}`),
    models,
    provisionedConcurrency: http.concurrency === null ? {} : { predict: http.concurrency },
    without: [
      ...(ownTable ? [] : ['DocumentsTable']),
      ...(ownStream ? [] : ['ChangesStream']),
      ...(vpc === null ? ['VpcAccess'] : []),
      ...(Number(parameters.alarmDrift) === 0 ? ['DriftAlarm'] : []),
      ...objects.without,
      ...models.without,
    ],
  };
};
