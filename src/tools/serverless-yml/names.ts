import { readServerlessFile } from './serverless-file.ts';

/** The alias through which a function is invoked: models are changed and rolled back by moving it. */
export const LIVE_ALIAS = 'live';

/** The names of the parts of a stage that have models. */
export interface ModelNames {
  /** The function that classifies. */
  readonly functionName: string;
  /** The function that answers requests, in stages with http. */
  readonly predictName: string;
  /** The layer of models. */
  readonly layerName: string;
  /** The stack of the stage. */
  readonly stackName: string;
  readonly compatibleRuntimes: readonly string[];
}

/** The names of a stage's tables, stream and queues. */
export interface StageNames {
  readonly rejects: string;
  readonly stream: string;
  readonly failedBatches: string;
  /** Messages about objects, in stages with objects. */
  readonly objects: string;
  readonly failedObjects: string;
}

/**
 * The names that `serverless.yml` gives for the models of a stage.
 *
 * @param root the folder of `serverless.yml`
 * @throws Error where a name contains other variables than service and stage
 */
export const modelNames = async (root: string, stage: string): Promise<ModelNames> => {
  const { service, layers, functions } = await readServerlessFile(root);
  const named = naming(service, stage);
  return {
    functionName: named('the name of classifyStream', functions.classifyStream?.name),
    predictName: named('the name of predict', functions.predict?.name),
    layerName: named('the name of the models layer', layers.models.name),
    stackName: named('the stack', `${service}-${stage}`),
    compatibleRuntimes: layers.models.compatibleRuntimes,
  };
};

/**
 * The names that `serverless.yml` gives for tables, stream and queues of a stage.
 *
 * @param root the folder of `serverless.yml`
 * @throws Error where a name is missing, or contains other variables than service and stage
 */
export const stageNames = async (root: string, stage: string): Promise<StageNames> => {
  const { service, resources } = await readServerlessFile(root);
  const named = naming(service, stage);
  const property = (resource: string, name: string): string =>
    named(`${resource}.${name}`, resources.Resources[resource]?.Properties?.[name]);
  return {
    rejects: property('RejectsTable', 'TableName'),
    stream: property('ChangesStream', 'Name'),
    failedBatches: property('FailedBatchesQueue', 'QueueName'),
    objects: property('ObjectsQueue', 'QueueName'),
    failedObjects: property('FailedObjectsQueue', 'QueueName'),
  };
};

/** The names of what runs the jobs of a stage on AWS Batch. */
export interface BatchNames {
  readonly queue: string;
  readonly definition: string;
}

/**
 * The names that `serverless.yml` gives for the jobs of a stage.
 *
 * @param root the folder of `serverless.yml`
 * @throws Error where a name is missing, or contains other variables than service and stage
 */
export const batchNames = async (root: string, stage: string): Promise<BatchNames> => {
  const { service, resources } = await readServerlessFile(root);
  const named = naming(service, stage);
  const { BatchQueue, BatchJobDefinition } = resources.Resources;
  return {
    queue: named('BatchQueue.JobQueueName', BatchQueue?.Properties?.JobQueueName),
    definition: named(
      'BatchJobDefinition.JobDefinitionName',
      BatchJobDefinition?.Properties?.JobDefinitionName,
    ),
  };
};

/** Names consist of the names of service and stage only, so that they can be read from the files. */
const naming =
  (service: string, stage: string) =>
  (what: string, written: unknown): string => {
    const text = typeof written === 'string' ? written : '';
    const name = text.replaceAll(`\${self:service}`, service).replaceAll(`\${sls:stage}`, stage);
    if (/^[\w.-]+$/.test(name)) return name;
    throw new Error(
      `serverless.yml: ${what} should be made of service and stage, but is ${text || 'missing'}`,
    );
  };
