import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { type emulatedAws, fromRunner } from './emulated-aws.ts';

/** What was uploaded for a stack, unpacked as it is on Lambda, in a folder from which no `node_modules` can be found. */
export interface Uploaded {
  /** What `/var/task` and `/opt` are. */
  readonly task: string;
  readonly opt: string;
  remove(): Promise<void>;
}

/** Fetches the zips that the template of a deployed stack names, and unpacks the function and its layers. */
export const fetchUploaded = async (
  aws: ReturnType<typeof emulatedAws>,
  stack: string,
  functionId = 'ClassifyStreamLambdaFunction',
): Promise<Uploaded> => {
  const root = await mkdtemp(join(tmpdir(), 'labelstream-uploaded-'));
  const [task, opt] = [join(root, 'var-task'), join(root, 'opt')];
  const { Resources } = await aws.template(stack);
  const { ServerlessDeploymentBucketName: Bucket } = await aws.outputs(stack);
  const unpack = async (Key: string, folder: string): Promise<void> => {
    const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket, Key }));
    if (Body === undefined) throw new Error(`${Key} is empty`);
    const zip = join(root, 'artifact.zip');
    await writeFile(zip, await Body.transformToByteArray());
    await mkdir(folder, { recursive: true });
    execFileSync(fromRunner('DEPLOY_TEST_PYTHON'), ['-m', 'zipfile', '-e', zip, folder]);
  };
  const { Code, Layers } = Resources[functionId]?.Properties ?? {};
  await unpack(Code.S3Key, task);
  // In their order: on Lambda, later layers lie over earlier ones.
  for (const { Ref } of Layers) await unpack(Resources[Ref]?.Properties.Content.S3Key, opt);
  return { task, opt, remove: () => rm(root, { recursive: true, force: true }) };
};
