import type { BatchParameters } from '../../src/tools/serverless-plugins/parameters/batch.ts';
import type { PackageParameters } from '../../src/tools/serverless-plugins/parameters/package-faults.ts';

/** The parameters of jobs on AWS Batch, and of images, as serverless.yml has them. */
export const BATCH_DEFAULTS: BatchParameters & PackageParameters = {
  architecture: 'arm64',
  batch: 'none',
  batchSubnetIds: '',
  batchSecurityGroupIds: '',
  batchPublicIp: 'ENABLED',
  batchVcpu: '4',
  batchMemory: '8192',
  batchMaxVcpus: '64',
  batchArchitecture: '',
  batchImageTag: 'latest',
  batchFromMB: '16',
  batchJobMB: '256',
  package: 'layers',
  imageUri: '',
};

/** A network for jobs. */
export const NETWORK = {
  batchSubnetIds: 'subnet-0a1b2c3d,subnet-1a1b2c3d',
  batchSecurityGroupIds: 'sg-0a1b2c3d',
} as const;

/** An image in ECR. */
export const IMAGE_URI = `123456789012.dkr.ecr.us-east-1.amazonaws.com/labelstream-dev@sha256:${'a'.repeat(64)}`;
