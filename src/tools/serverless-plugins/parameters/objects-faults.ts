import { OBJECT_FORMATS } from '../../../wire/objects-config.ts';
import { parseNames } from './lists.ts';
import type { ObjectsParameters } from './objects.ts';

/** The faults of the S3 door's parameters: the name, what is wrong and what to do. */
export const objectsFaults = (parameters: ObjectsParameters): readonly string[] => {
  const { objects } = parameters;
  if (objects !== 'none' && objects !== 's3') return [`Parameter objects is "${objects}": use none or s3.`];
  return [
    ...strayFaults(parameters),
    ...numberFaults(parameters),
    ...choiceFaults(parameters),
    ...nameFaults(parameters),
    ...loopFaults(parameters),
  ];
};

const strayFaults = ({ objects, ...parameters }: ObjectsParameters): string[] => {
  if (objects !== 'none') return [];
  return (['objectsBucket', 'objectsPrefix', 'objectsSuffix', 'outputBucket', 'outputPrefix'] as const)
    .filter((name) => parameters[name] !== '')
    .map((name) => `Parameter ${name} is for a stage with objects=s3, and objects is none.`);
};

const RANGES = {
  objectsMaxMB: [1, 1_000_000],
  objectsShardMB: [1, 4_096],
  /** @see https://docs.aws.amazon.com/lambda/latest/api/API_ScalingConfig.html */
  objectsConcurrency: [2, 1_000],
  objectsBatchSize: [1, 10],
  objectsMemory: [128, 10_240],
  objectsTimeout: [30, 900],
} as const;

const numberFaults = (parameters: ObjectsParameters): string[] =>
  Object.entries(RANGES).flatMap(([name, [from, to]]) => {
    const value = parameters[name as keyof typeof RANGES];
    const isRight = /^\d{1,7}$/.test(value) && Number(value) >= from && Number(value) <= to;
    return isRight ? [] : [`Parameter ${name} is "${value}": give a whole number from ${from} to ${to}.`];
  });

const choiceFaults = ({ objectsFormat, objectsJoin }: ObjectsParameters): string[] => [
  ...(['', ...OBJECT_FORMATS].includes(objectsFormat)
    ? []
    : [
        `Parameter objectsFormat is "${objectsFormat}": use ${OBJECT_FORMATS.join(' or ')}, or leave it empty ` +
          'to go by the suffix of each key.',
      ]),
  ...(objectsJoin === 'on' || objectsJoin === 'off'
    ? []
    : [`Parameter objectsJoin is "${objectsJoin}": use on or off.`]),
];

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z\d](?!.*\.\.)[a-z\d.-]{1,61}[a-z\d]$/;

/** What an ARN in a policy would read otherwise than it is written. */
const SPECIAL = /[*?${}]/;

const nameFaults = (parameters: ObjectsParameters): string[] => [
  ...(['objectsBucket', 'outputBucket'] as const)
    .filter((name) => parameters[name] !== '' && !BUCKET.test(parameters[name]))
    .map((name) => `Parameter ${name} is "${parameters[name]}": give the name of a bucket, not its ARN.`),
  ...(['objectsPrefix', 'objectsSuffix', 'outputPrefix'] as const)
    .filter((name) => SPECIAL.test(parameters[name]))
    .map((name) => `Parameter ${name} is "${parameters[name]}": it may not have any of * ? $ { }.`),
];

/** Whether a key that begins with one may begin with the other as well. */
const meet = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one);

/** What the keys of outputs, manifests and reports end with; those of parts end with a digit. */
const ENDINGS = ['.out', '.manifest.json', '.json'];

const mayEndAnOutput = (suffix: string): boolean =>
  /\d$/.test(suffix) || ENDINGS.some((ending) => ending.endsWith(suffix) || suffix.endsWith(ending));

/** An output that is an input would be classified again, and its output again, for ever and for money. */
const loopFaults = (parameters: ObjectsParameters): string[] => {
  const { objects, objectsBucket, objectsPrefix, objectsSuffix, outputBucket, outputPrefix } = parameters;
  if (objects === 'none' || outputBucket === '' || outputBucket !== objectsBucket) return [];
  const suffixes = parseNames(objectsSuffix);
  const isSafe =
    !meet(objectsPrefix, outputPrefix) || (suffixes.length > 0 && !suffixes.some(mayEndAnOutput));
  if (isSafe) return [];
  return [
    `Parameter outputBucket is the bucket of the objects (${outputBucket}), and outputs in it could be objects again, ` +
      `without end: their keys begin with "${outputPrefix}", those of objects with "${objectsPrefix}". Leave outputBucket ` +
      'empty for a bucket of the stack, or give objectsPrefix and outputPrefix of which neither begins with the other.',
  ];
};
