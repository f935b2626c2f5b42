import { parseNames } from './lists.ts';
import { MODELS_SOURCES, type ModelsParameters } from './models.ts';

interface Vpc {
  readonly vpcSubnetIds: string;
}

/** Lambda's own limit of `/tmp`, less what others need of it. */
const MAX_DISK_MB = 10_128;
const BUCKET = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z\d][a-z\d.-]{1,61}[a-z\d]$/;
const PREFIX = /^[\w./=-]*$/;

/** The faults of the parameters that say where models are: the name, what is wrong and what to do. */
export const modelsFaults = (parameters: ModelsParameters & Vpc): readonly string[] => {
  const { models, modelsBucket, modelsPrefix, modelsRefreshSeconds, modelsDisk, vpcSubnetIds } = parameters;
  if (!(MODELS_SOURCES as readonly string[]).includes(models)) {
    return [`Parameter models is "${models}": use ${MODELS_SOURCES.join(' or ')}.`];
  }
  const faults: string[] = [];
  if (modelsBucket !== '' && models !== 's3')
    faults.push('Parameter modelsBucket is for models in S3: give models=s3, too, or leave it out.');
  if (modelsBucket !== '' && !BUCKET.test(modelsBucket))
    faults.push(
      `Parameter modelsBucket is "${modelsBucket}": give the name of a bucket, not its ARN or URL.`,
    );
  if (!PREFIX.test(modelsPrefix) || modelsPrefix.split('/').includes('..'))
    faults.push(`Parameter modelsPrefix is "${modelsPrefix}": give letters, digits and -_.=, with slashes.`);
  if (!isWhole(modelsRefreshSeconds, 1, 86_400))
    faults.push(`Parameter modelsRefreshSeconds is "${modelsRefreshSeconds}": give seconds from 1 to 86400.`);
  if (!isWhole(modelsDisk, 1, MAX_DISK_MB))
    faults.push(`Parameter modelsDisk is "${modelsDisk}": give MB from 1 to ${MAX_DISK_MB}.`);
  if (models === 'efs' && parseNames(vpcSubnetIds).length === 0)
    faults.push(
      'Parameter models=efs needs a VPC, in which functions mount the file system: give vpcSubnetIds, one of each ' +
        'availability zone, and vpcSecurityGroupIds.',
    );
  return faults;
};

const isWhole = (written: string, from: number, to: number): boolean =>
  /^\d{1,6}$/.test(written) && Number(written) >= from && Number(written) <= to;
