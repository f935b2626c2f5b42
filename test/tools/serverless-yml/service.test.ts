import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadService } from '../../../src/tools/serverless-yml/service.ts';

const CHOOSE = 'src/tools/serverless-plugins/parameters/choose.ts';

/** In the place of the Serverless Framework: says what it was asked, and always the same of the service. */
const FRAMEWORK = `
const { appendFileSync } = require('node:fs');
appendFileSync('asked.txt', process.argv.slice(2).join(' ') + '\\n');
const stream = { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'changes', ShardCount: '3' } };
console.log(JSON.stringify({ provider: {}, functions: {}, resources: { Resources: { Changes: stream } } }));
`;

let root: string;
const write = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};
/** What the framework was asked since the last time. */
const asked = async (): Promise<readonly string[]> => {
  const lines = await readFile(join(root, 'asked.txt'), 'utf8').catch(() => '');
  await rm(join(root, 'asked.txt'), { force: true });
  return lines.split('\n').filter((line) => line !== '');
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'labelstream-service-'));
  await write('node_modules/serverless/bin/serverless.js', FRAMEWORK);
  await write('serverless.yml', 'service: demo\nresources:\n  - ${file(parts/data.yml)}\n');
  await write('parts/data.yml', 'Resources: {}\n');
  await write(CHOOSE, 'export {};\n');
});
afterEach(() => rm(root, { recursive: true }));

describe('the service as the framework resolves it', () => {
  it('is asked for once', async () => {
    const service = await loadService(root, 'qa', { memory: '512' });
    expect(service.streams).toEqual({ Changes: { name: 'changes', shards: 3 } });
    expect(await loadService(root, 'qa', { memory: '512' })).toEqual(service);
    expect(await asked()).toEqual(['print --format json --stage qa --param memory=512']);
  });

  it.each([
    ['serverless.yml', 'service: demo\n'],
    ['parts/data.yml', 'Resources: { Table: { Type: AWS::DynamoDB::Table } }\n'],
    [CHOOSE, 'export const CHOOSING = [];\n'],
  ])('is asked for again when %s has changed', async (path, text) => {
    await loadService(root);
    await asked();
    await write(path, text);
    await loadService(root);
    expect(await asked()).toHaveLength(1);
  });

  it('is another with other parameters and in another stage', async () => {
    await loadService(root);
    await loadService(root, 'local', { memory: '512' });
    await loadService(root, 'dev');
    expect(await asked()).toHaveLength(3);
  });
});
