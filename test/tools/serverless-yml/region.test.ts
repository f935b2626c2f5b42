import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { regionOf } from '../../../src/tools/serverless-yml/region.ts';

let root: string;
const write = (region: string) =>
  writeFile(join(root, 'serverless.yml'), `service: demo\nprovider:\n  region: ${region}\n`);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'labelstream-region-'));
});
afterAll(() => rm(root, { recursive: true }));

describe('the region of a stage', () => {
  it.each<[string, string | undefined, NodeJS.ProcessEnv, string]>([
    ['the option', 'eu-west-1', { AWS_REGION: 'eu-north-1' }, 'eu-west-1'],
    ['else AWS_REGION', undefined, { AWS_REGION: 'eu-north-1' }, 'eu-north-1'],
    ['else that of serverless.yml', undefined, {}, 'eu-central-1'],
    ['also where the others are empty', '', { AWS_REGION: '' }, 'eu-central-1'],
  ])('is %s', async (_, option, env, region) => {
    await write('eu-central-1');
    expect(await regionOf(root, option, env)).toBe(region);
  });

  it('has to be named where serverless.yml leaves it to a variable', async () => {
    await write("${opt:region, 'us-east-1'}");
    await expect(regionOf(root, undefined, {})).rejects.toThrow(/is \$\{opt:region.*--region or AWS_REGION/);
    expect(await regionOf(root, 'eu-west-1', {})).toBe('eu-west-1');
  });
});
