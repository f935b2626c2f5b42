import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LABEL_STORES } from '../../src/stores/label-stores.ts';
import { calledActions } from '../tools/serverless-plugins/called-actions.ts';
import {
  grantedActions,
  NEEDED_BY_LAMBDA,
  type Template,
} from '../tools/serverless-plugins/granted-actions.ts';
import { copyService, type ServiceCopy } from '../support/service-copy.ts';
import { fromRunner } from './emulated-aws.ts';

const COMBINATIONS = (['native', 'function'] as const).flatMap((fanOut) =>
  (['ON_DEMAND', 'PROVISIONED'] as const).flatMap((streamMode) =>
    LABEL_STORES.map((labelStore) => ({
      fanOut,
      streamMode,
      labelStore,
    })),
  ),
);

let service: ServiceCopy;

beforeAll(async () => {
  service = await copyService();
  await service.writeModel('demo');
});

afterAll(() => service.remove());

/** @returns the file of the template */
const packaged = async (params: Readonly<Record<string, string>>): Promise<string> => {
  const folder = join(service.root, Object.values(params).join('-'));
  const run = await service.serverless([
    ...['package', '--package', folder],
    ...Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]),
  ]);
  if (run.status !== 0) throw new Error(run.stdout + run.stderr);
  return join(folder, 'cloudformation-template-update-stack.json');
};

/** What cfn-lint finds; it exits with a status other than 0 where that is anything. */
const lint = async (file: string): Promise<string> => {
  const run = promisify(execFile)(fromRunner('DEPLOY_TEST_CFN_LINT'), ['--regions', 'us-east-1', '--', file]);
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  return stdout;
};

describe.each(COMBINATIONS)(
  'with fanOut=$fanOut, streamMode=$streamMode, labelStore=$labelStore',
  (params) => {
    it('cfn-lint finds nothing, and each role has what its function calls', async () => {
      const file = await packaged(params);
      expect(await lint(file)).toBe('');
      const template: Template = JSON.parse(await readFile(file, 'utf8'));
      expect(grantedActions(template, 'ClassifyStreamRole')).toEqual(
        [
          ...(await calledActions('src/functions/classify-stream.ts', params.labelStore)),
          ...NEEDED_BY_LAMBDA['classify-stream'],
        ].toSorted(),
      );
    });
  },
);

it('cfn-lint finds what is wrong: it was asked', async () => {
  const file = await packaged({ fanOut: 'native' });
  const template = JSON.parse(await readFile(file, 'utf8'));
  template.Resources.ChangesStream.Properties.NoSuchProperty = true;
  const broken = join(service.root, 'broken.json');
  await writeFile(broken, JSON.stringify(template));
  expect(await lint(broken)).toMatch(/E3002.*NoSuchProperty/);
});
