import { parseNames } from './lists.ts';
import type { ChosenObjects } from './objects.ts';

/** The parameters of jobs on AWS Batch that decide which resources a stage has. */
export const BATCH_PARAMETERS = [
  'architecture',
  'batch',
  'batchSubnetIds',
  'batchSecurityGroupIds',
  'batchPublicIp',
  'batchVcpu',
  'batchMemory',
  'batchMaxVcpus',
  'batchArchitecture',
  'batchImageTag',
  'batchFromMB',
  'batchJobMB',
] as const;

export type BatchParameters = Readonly<Record<(typeof BATCH_PARAMETERS)[number], string>>;

type Reference = string | Readonly<Record<string, unknown>>;

/** What follows from them; the first two are files of `src/infrastructure/batch`, or none. */
export interface ChosenBatch {
  readonly compute: 'fargate' | 'none';
  readonly relabel: 'relabel' | 'none';
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly cpuArchitecture: 'ARM64' | 'X86_64';
  readonly image: Reference;
  /** Processes of a job, one for each of its CPUs. */
  readonly workers: number;
  /** Which events of S3 become jobs. */
  readonly eventPattern: EventPattern;
}

type EventPattern = Readonly<Record<string, unknown>>;

const MB = 2 ** 20;

/**
 * What a stage with these parameters has, in which `batchFaults` finds no fault.
 *
 * @param repository the name of the repository of images
 */
export const chooseBatch = (
  parameters: BatchParameters,
  objects: Pick<ChosenObjects, 'eventPattern'>,
  repository: string,
): ChosenBatch => {
  const { batch, batchArchitecture, architecture, batchImageTag, batchFromMB, batchVcpu } = parameters;
  const cpu = batchArchitecture === '' ? architecture : batchArchitecture;
  return {
    compute: batch === 'fargate' ? 'fargate' : 'none',
    relabel: batch === 'fargate' ? 'relabel' : 'none',
    subnetIds: parseNames(parameters.batchSubnetIds),
    securityGroupIds: parseNames(parameters.batchSecurityGroupIds),
    cpuArchitecture: cpu === 'arm64' ? 'ARM64' : 'X86_64',
    image: {
      'Fn::Sub': `\${AWS::AccountId}.dkr.ecr.\${AWS::Region}.\${AWS::URLSuffix}/${repository}:${batchImageTag}`,
    },
    workers: Math.max(1, Math.floor(Number(batchVcpu))),
    eventPattern: withSize(objects.eventPattern, ['>', Number(batchFromMB) * MB]),
  };
};

/** The pattern of the function's own queue: without what jobs are for. */
export const withoutLarge = (
  objects: ChosenObjects,
  { batch, batchFromMB }: Pick<BatchParameters, 'batch' | 'batchFromMB'>,
): ChosenObjects =>
  batch === 'fargate'
    ? { ...objects, eventPattern: withSize(objects.eventPattern, ['<=', Number(batchFromMB) * MB]) }
    : objects;

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
const withSize = (pattern: EventPattern, numeric: readonly [string, number]): EventPattern => {
  const detail = (pattern.detail ?? {}) as Readonly<Record<string, EventPattern | undefined>>;
  return { ...pattern, detail: { ...detail, object: { ...detail.object, size: [{ numeric }] } } };
};
