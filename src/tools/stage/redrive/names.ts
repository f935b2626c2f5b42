import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What a stage's tables, stream and queue are called. */
export interface StageNames {
  readonly rejects: string;
  readonly stream: string;
  readonly failedBatches: string;
}

interface Resources {
  readonly Resources?: Readonly<Record<string, { readonly Properties?: Readonly<Record<string, unknown>> }>>;
}

interface ServerlessFile {
  readonly service: string;
  /** Of every deployment, or a list of them and those of some deployments. */
  readonly resources: Resources | readonly (Resources | string)[];
}

/**
 * The names that `serverless.yml` gives for a stage. They consist of the service's and the stage's, so that the
 * file alone says them; resolving all of it would take the Serverless Framework seconds.
 *
 * @param root the folder of `serverless.yml`
 * @throws Error where a name is not there, or is made of anything else
 */
export const stageNames = async (root: string, stage: string): Promise<StageNames> => {
  const { service, resources }: ServerlessFile = parse(await readFile(join(root, 'serverless.yml'), 'utf8'));
  const known = Object.assign(
    {},
    ...[resources].flat().map((part) => (typeof part === 'string' ? undefined : part.Resources)),
  ) as NonNullable<Resources['Resources']>;
  const named = (resource: string, property: string): string => {
    const written = known[resource]?.Properties?.[property];
    const name =
      typeof written === 'string'
        ? written.replaceAll(`\${self:service}`, service).replaceAll(`\${sls:stage}`, stage)
        : '';
    if (/^[\w.-]+$/.test(name)) return name;
    throw new Error(`serverless.yml: ${resource}.${property} should be made of service and stage`);
  };
  return {
    rejects: named('RejectsTable', 'TableName'),
    stream: named('ChangesStream', 'Name'),
    failedBatches: named('FailedBatchesQueue', 'QueueName'),
  };
};
