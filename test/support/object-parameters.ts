import type { ObjectsParameters } from '../../src/tools/serverless-plugins/parameters/objects.ts';

/** The parameters of the S3 door as serverless.yml has them. */
export const OBJECTS_DEFAULTS: ObjectsParameters = {
  objects: 'none',
  objectsBucket: '',
  objectsPrefix: '',
  objectsSuffix: '',
  objectsFormat: '',
  objectsIdAttributes: 'recordId,custom_id,id,_id',
  objectsJoin: 'off',
  objectsMaxMB: '16',
  objectsShardMB: '8',
  objectsConcurrency: '10',
  objectsBatchSize: '1',
  objectsMemory: '1769',
  objectsTimeout: '300',
  outputBucket: '',
  outputPrefix: '',
};

const OBJECTS = '$' + '{ObjectsBucket}';
const OUTPUT = '$' + '{OutputBucket}';

/** A grant on the stage's own buckets as it is on those that parameters name. */
export const onBuckets =
  (parameters: Partial<ObjectsParameters>) =>
  (grant: string): string => {
    const { objectsBucket, objectsPrefix, outputBucket, outputPrefix } = {
      ...OBJECTS_DEFAULTS,
      ...parameters,
    };
    const named = (own: string, name: string, prefix: string) => (text: string) =>
      text.replace(`${own}/*`, `${own}/${prefix}*`).replace(own, name === '' ? own : name);
    const source = named(OBJECTS, objectsBucket, objectsPrefix);
    return source(named(OUTPUT, outputBucket, outputPrefix)(grant));
  };
