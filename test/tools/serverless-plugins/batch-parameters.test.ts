import { chooseBatch, withoutLarge } from '../../../src/tools/serverless-plugins/parameters/batch.ts';
import { batchFaults } from '../../../src/tools/serverless-plugins/parameters/batch-faults.ts';
import { chooseObjects } from '../../../src/tools/serverless-plugins/parameters/objects.ts';
import { packageFaults } from '../../../src/tools/serverless-plugins/parameters/package-faults.ts';
import { BATCH_DEFAULTS, IMAGE_URI, NETWORK } from '../../support/batch-parameters.ts';
import { OBJECTS_DEFAULTS } from '../../support/object-parameters.ts';

type Given = Partial<typeof BATCH_DEFAULTS & { objects: string }>;
const given = (parameters: Given) => ({
  ...BATCH_DEFAULTS,
  ...NETWORK,
  objects: 's3',
  batch: 'fargate',
  ...parameters,
});
const NONE = { batchSubnetIds: '', batchSecurityGroupIds: '' };

describe('the parameters of jobs on AWS Batch', () => {
  it.each<Given>([
    {},
    { batch: 'none', objects: 'none', ...NONE },
    { batchPublicIp: 'DISABLED', batchArchitecture: 'x86_64', batchImageTag: '2026-11-28.1' },
    { batchVcpu: '1', batchMemory: '2048', batchMaxVcpus: '1' },
    { batchVcpu: '16', batchMemory: '122880' },
  ])('have no fault in %j', (parameters) => {
    expect(batchFaults(given(parameters))).toEqual([]);
  });

  it.each<[Given, RegExp]>([
    [{ batch: 'ec2' }, /batch is "ec2": use none or fargate/],
    [{ objects: 'none' }, /batch is fargate: jobs read and write the buckets of objects=s3/],
    [{ batch: 'none', batchSecurityGroupIds: '' }, /batchSubnetIds is for a stage with batch=fargate/],
    [{ batchSubnetIds: '' }, /batchSubnetIds is missing: jobs run in a VPC/],
    [{ batchSecurityGroupIds: 'default' }, /batchSecurityGroupIds has "default": give ids like sg-/],
    [{ batchPublicIp: 'yes' }, /batchPublicIp is "yes": use ENABLED in public subnets, DISABLED/],
    [{ batchVcpu: '3' }, /batchVcpu is "3": Fargate has 1, 2, 4, 8, 16/],
    [{ batchVcpu: 'constructor' }, /batchVcpu is "constructor"/],
    [
      { batchMemory: '4096' },
      /batchMemory is "4096": with 4 vCPU, Fargate has 8192 to 30720 MB in steps of 1024/,
    ],
    [{ batchMemory: '8200' }, /batchMemory is "8200"/],
    [{ batchMaxVcpus: '2' }, /batchMaxVcpus is 2, less than a job needs \(batchVcpu 4\)/],
    [{ batchMaxVcpus: 'many' }, /batchMaxVcpus is "many": give a whole number from 1 to 10000/],
    [{ batchArchitecture: 'riscv' }, /batchArchitecture is "riscv": use arm64 or x86_64/],
    [{ batchImageTag: 'a:b' }, /batchImageTag is "a:b": give the tag of an image/],
    [{ batchFromMB: '0' }, /batchFromMB is "0"/],
  ])('are refused: %j', (parameters, message) => {
    expect(batchFaults(given(parameters))).toEqual([expect.stringMatching(message)]);
  });

  it('share the objects between the function and jobs, each object to one of them', () => {
    const all = chooseObjects({ ...OBJECTS_DEFAULTS, objects: 's3', objectsSuffix: '.csv' });
    const pattern = (numeric: readonly [string, number]) => ({
      ...all.eventPattern,
      detail: {
        bucket: { name: [{ Ref: 'ObjectsBucket' }] },
        object: { key: [{ suffix: '.csv' }], size: [{ numeric }] },
      },
    });
    expect(withoutLarge(all, given({ batch: 'none' }))).toBe(all);
    expect(withoutLarge(all, given({ batchFromMB: '100' })).eventPattern).toEqual(
      pattern(['<=', 104_857_600]),
    );
    expect(chooseBatch(given({ batchFromMB: '100' }), all, 'x').eventPattern).toEqual(
      pattern(['>', 104_857_600]),
    );
  });

  it('give a job a process for each CPU, and the CPU of the functions unless told otherwise', () => {
    const all = chooseObjects(OBJECTS_DEFAULTS);
    expect(chooseBatch(given({}), all, 'x')).toMatchObject({ workers: 4, cpuArchitecture: 'ARM64' });
    expect(chooseBatch(given({ architecture: 'x86_64' }), all, 'x').cpuArchitecture).toBe('X86_64');
    expect(chooseBatch(given({ batchArchitecture: 'x86_64' }), all, 'x').cpuArchitecture).toBe('X86_64');
  });
});

describe('the parameters of the package', () => {
  it.each([
    ['layers', ''],
    ['image', IMAGE_URI],
  ])('have no fault in %s %s', (how, imageUri) => {
    expect(packageFaults({ package: how, imageUri })).toEqual([]);
  });

  it.each([
    ['zip', '', /package is "zip": use layers or image/],
    ['layers', IMAGE_URI, /imageUri is for package=image/],
    ['image', '', /imageUri is "": give the image in ECR with its digest/],
    ['image', IMAGE_URI.replace(/@.*/, ':latest'), /give the image in ECR with its digest/],
    ['image', IMAGE_URI.replace(/^.*amazonaws.com/, 'docker.io'), /give the image in ECR/],
  ])('are refused: %s %s', (how, imageUri, message) => {
    expect(packageFaults({ package: how, imageUri })).toEqual([expect.stringMatching(message)]);
  });
});
