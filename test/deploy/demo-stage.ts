import { copyService, type ServiceCopy } from '../support/service-copy.ts';
import { emulatedAccount } from './emulated-aws.ts';

/**
 * A stage of its own for the tests of a file, from a copy of the service whose only model is `demo`.
 *
 * @param params options of every command
 * @returns runs `serverless` on the stage, and what it has written; rejects where it fails
 */
export const demoStage = (
  stage: string,
  params: readonly string[] = [],
): ((...args: readonly string[]) => Promise<string>) => {
  let service: ServiceCopy;
  beforeAll(async () => {
    service = await copyService();
    await service.writeModel('demo');
  });
  afterAll(() => service.remove());
  return async (...args) => {
    const options = ['--stage', stage, ...params, '--param', 'model=demo'];
    const { status, stdout, stderr } = await service.spawnServerless(
      [...args, ...options],
      emulatedAccount(),
    );
    if (status !== 0) throw new Error(stdout + stderr);
    return stdout + stderr;
  };
};
