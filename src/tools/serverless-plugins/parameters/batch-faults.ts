import type { BatchParameters } from './batch.ts';
import { parseNames } from './lists.ts';

/** The faults of the parameters of jobs on AWS Batch: the name, what is wrong and what to do. */
export const batchFaults = (
  parameters: BatchParameters & { readonly objects: string },
): readonly string[] => {
  const { batch, objects } = parameters;
  if (batch !== 'none' && batch !== 'fargate') return [`Parameter batch is "${batch}": use none or fargate.`];
  if (batch === 'none') return strayFaults(parameters);
  return [
    ...(objects === 's3'
      ? []
      : ['Parameter batch is fargate: jobs read and write the buckets of objects=s3, and objects is none.']),
    ...idFaults(parameters),
    ...choiceFaults(parameters),
    ...numberFaults(parameters),
    ...sizeFaults(parameters),
  ];
};

const strayFaults = ({ batchSubnetIds, batchSecurityGroupIds }: BatchParameters): string[] =>
  Object.entries({ batchSubnetIds, batchSecurityGroupIds })
    .filter(([, value]) => value !== '')
    .map(([name]) => `Parameter ${name} is for a stage with batch=fargate, and batch is none.`);

const IDS = [
  { name: 'batchSubnetIds', pattern: /^subnet-[0-9a-f]+$/, most: 16, like: 'subnet-…' },
  { name: 'batchSecurityGroupIds', pattern: /^sg-[0-9a-f]+$/, most: 5, like: 'sg-…' },
] as const;

const idFaults = (parameters: BatchParameters): string[] =>
  IDS.flatMap(({ name, pattern, most, like }) => {
    const ids = parseNames(parameters[name]);
    if (ids.length === 0)
      return [`Parameter ${name} is missing: jobs run in a VPC; give ids like ${like}, with commas.`];
    if (ids.length > most) return [`Parameter ${name} has ${ids.length} ids: AWS Batch takes ${most}.`];
    return ids
      .filter((id) => !pattern.test(id))
      .map((id) => `Parameter ${name} has "${id}": give ids like ${like}, with commas.`);
  });

const choiceFaults = ({ batchPublicIp, batchArchitecture, batchImageTag }: BatchParameters): string[] => [
  ...(['ENABLED', 'DISABLED'].includes(batchPublicIp)
    ? []
    : [
        `Parameter batchPublicIp is "${batchPublicIp}": use ENABLED in public subnets, DISABLED in private ones ` +
          'with a NAT gateway or endpoints for ECR, CloudWatch Logs and S3.',
      ]),
  ...(['', 'arm64', 'x86_64'].includes(batchArchitecture)
    ? []
    : [
        `Parameter batchArchitecture is "${batchArchitecture}": use arm64 or x86_64, or leave it empty for that of ` +
          'the functions.',
      ]),
  // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageIdentifier.html
  ...(/^\w[\w.-]{0,127}$/.test(batchImageTag)
    ? []
    : [`Parameter batchImageTag is "${batchImageTag}": give the tag of an image, such as latest.`]),
];

const RANGES = {
  batchMaxVcpus: [1, 10_000],
  batchFromMB: [1, 5_000_000],
  batchJobMB: [1, 100_000],
} as const;

const numberFaults = (parameters: BatchParameters): string[] =>
  Object.entries(RANGES).flatMap(([name, [from, to]]) => {
    const value = parameters[name as keyof typeof RANGES];
    const isRight = /^\d{1,7}$/.test(value) && Number(value) >= from && Number(value) <= to;
    return isRight ? [] : [`Parameter ${name} is "${value}": give a whole number from ${from} to ${to}.`];
  });

/**
 * MB of memory by vCPUs: from, to, in steps of.
 *
 * @see https://docs.aws.amazon.com/batch/latest/APIReference/API_ResourceRequirement.html
 */
const SIZES: Readonly<Record<string, readonly [from: number, to: number, step: number]>> = {
  '1': [2_048, 8_192, 1_024],
  '2': [4_096, 16_384, 1_024],
  '4': [8_192, 30_720, 1_024],
  '8': [16_384, 61_440, 4_096],
  '16': [32_768, 122_880, 8_192],
};

const sizeFaults = ({ batchVcpu, batchMemory, batchMaxVcpus }: BatchParameters): string[] => {
  const size = Object.hasOwn(SIZES, batchVcpu) ? SIZES[batchVcpu] : undefined;
  if (size === undefined)
    return [`Parameter batchVcpu is "${batchVcpu}": Fargate has ${Object.keys(SIZES).join(', ')}.`];
  const [from, to, step] = size;
  const memory = /^\d{1,6}$/.test(batchMemory) ? Number(batchMemory) : NaN;
  return [
    ...(memory >= from && memory <= to && memory % step === 0
      ? []
      : [
          `Parameter batchMemory is "${batchMemory}": with ${batchVcpu} vCPU, Fargate has ${from} to ${to} MB in ` +
            `steps of ${step}.`,
        ]),
    ...(Number(batchMaxVcpus) < Number(batchVcpu)
      ? [`Parameter batchMaxVcpus is ${batchMaxVcpus}, less than a job needs (batchVcpu ${batchVcpu}).`]
      : []),
  ];
};
