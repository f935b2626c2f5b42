import { parseNames } from './lists.ts';

/** The parameters of the S3 door that decide which resources a stage has. */
export const OBJECTS_PARAMETERS = [
  'objects',
  'objectsBucket',
  'objectsPrefix',
  'objectsSuffix',
  'objectsFormat',
  'objectsIdAttributes',
  'objectsJoin',
  'objectsMaxMB',
  'objectsShardMB',
  'objectsConcurrency',
  'objectsBatchSize',
  'objectsMemory',
  'objectsTimeout',
  'outputBucket',
  'outputPrefix',
] as const;

export type ObjectsParameters = Readonly<Record<(typeof OBJECTS_PARAMETERS)[number], string>>;

/** A name, or a CloudFormation function that gives one. */
type Reference = string | Readonly<Record<string, unknown>>;

/** What follows from them; the first two are files of `src/infrastructure/objects`, or none. */
export interface ChosenObjects {
  readonly function: 'function' | 'none';
  readonly watch: 'watch' | 'none';
  /** Names, and what an ARN of them is made of. */
  readonly bucket: Reference;
  readonly outputBucket: Reference;
  readonly arns: {
    readonly bucket: Reference;
    readonly objects: Reference;
    readonly outputBucket: Reference;
    readonly outputs: Reference;
  };
  /** Where relabelling keeps its progress, and exports are that it reads: a place, and the ARN of the objects there. */
  readonly relabel: { readonly place: Reference; readonly arn: Reference };
  /** Which events of S3 become messages. */
  readonly eventPattern: Readonly<Record<string, unknown>>;
  /** Seconds. */
  readonly visibilityTimeout: number;
  /** Resources that this choice does without. */
  readonly without: readonly string[];
}

/**
 * Time for an invocation, and for Lambda to wait and try again while others take all of the concurrency.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const TIMEOUTS = 6;

/** Below what is kept for some days only, and never classified. */
const RELABEL = '.parts/relabel/';

/** What a stage with these parameters has, in which `objectsFaults` finds no fault. */
export const chooseObjects = (parameters: ObjectsParameters): ChosenObjects => {
  const { objects, objectsBucket, objectsPrefix, outputBucket, outputPrefix } = parameters;
  const ownBucket = objectsBucket === '';
  const ownOutput = outputBucket === '';
  const arn = (name: string, resource: string, path: string): Reference => ({
    'Fn::Sub': `arn:\${AWS::Partition}:s3:::${name === '' ? `\${${resource}}` : name}${path}`,
  });
  return {
    function: objects === 's3' ? 'function' : 'none',
    watch: objects === 's3' ? 'watch' : 'none',
    bucket: ownBucket ? { Ref: 'ObjectsBucket' } : objectsBucket,
    outputBucket: ownOutput ? { Ref: 'OutputBucket' } : outputBucket,
    arns: {
      bucket: arn(objectsBucket, 'ObjectsBucket', ''),
      objects: arn(objectsBucket, 'ObjectsBucket', `/${objectsPrefix}*`),
      outputBucket: arn(outputBucket, 'OutputBucket', ''),
      outputs: arn(outputBucket, 'OutputBucket', `/${outputPrefix}*`),
    },
    relabel: {
      place: ownOutput
        ? { 'Fn::Sub': `s3://\${OutputBucket}/${outputPrefix}${RELABEL}` }
        : `s3://${outputBucket}/${outputPrefix}${RELABEL}`,
      arn: arn(outputBucket, 'OutputBucket', `/${outputPrefix}${RELABEL}*`),
    },
    eventPattern: {
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: {
        bucket: { name: [ownBucket ? { Ref: 'ObjectsBucket' } : objectsBucket] },
        ...keyPattern(parameters),
      },
    },
    visibilityTimeout: TIMEOUTS * Number(parameters.objectsTimeout),
    without:
      objects === 's3'
        ? [
            ...(ownBucket ? [] : ['ObjectsBucket', 'ObjectsBucketPolicy']),
            ...(ownOutput ? [] : ['OutputBucket', 'OutputBucketPolicy']),
          ]
        : [],
  };
};

/**
 * The keys that begin and end as is asked for. Alternatives of one field are an "or" in a pattern: both together are a
 * wildcard.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
const keyPattern = ({ objectsPrefix: prefix, objectsSuffix }: ObjectsParameters) => {
  const suffixes = parseNames(objectsSuffix);
  const key =
    suffixes.length === 0
      ? [{ prefix }]
      : suffixes.map((suffix) =>
          prefix === '' ? { suffix } : { wildcard: `${literal(prefix)}*${literal(suffix)}` },
        );
  return prefix === '' && suffixes.length === 0 ? {} : { object: { key } };
};

const literal = (text: string): string => text.replaceAll(/[\\*]/g, String.raw`\$&`);
