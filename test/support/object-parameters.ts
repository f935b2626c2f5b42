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
