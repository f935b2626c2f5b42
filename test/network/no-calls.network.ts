import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Traffic, trafficOf } from './trace.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const node = process.execPath;
const cli = (name: string): string => join(ROOT, 'src', 'tools', 'commands', `${name}.ts`);
const serverless = join(ROOT, 'node_modules', 'serverless', 'bin', 'serverless.js');

const SILENCE: Traffic = { addresses: [], telemetryFiles: [] };

describe('what commands say to the network', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'labelstream-package-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('would be seen: a connection to another machine, a file of the telemetry', async () => {
    // An address of the block that is kept for documentation.
    const program = `
      require('node:net').connect(9, '192.0.2.1').on('error', () => {});
      require('node:fs').open('/nowhere/mat-debug-1.log', () => {});
      setTimeout(process.exit, 200);`;
    expect(await trafficOf(node, ['-e', program])).toEqual({
      addresses: ['192.0.2.1:9'],
      telemetryFiles: ['/nowhere/mat-debug-1.log'],
    });
  });

  it.each([
    // Long enough for a look-up by what waits some seconds before it calls.
    ['npm start', [cli('start'), '--records', '20000', '--quiet']],
    [
      'npm start, a transformer',
      [cli('start'), '--records', '100', '--model', 'banking77-cascade', '--quiet'],
    ],
    ['npm start, a bad day', [cli('start'), '--records', '300', '--chaos', '--quiet']],
    ['npm run replay', [cli('replay'), join('events', 'kinesis-dynamodb.json'), '--json']],
    ['npm run replay, a table', [cli('replay'), join('events', 'dynamodb-stream.json'), '--json']],
    ['npm run classify', [cli('classify'), 'my card is lost', '--model', 'banking77-cascade']],
    ['npm run model -- check', [cli('model'), 'check']],
    [
      'npm run bench',
      [cli('bench'), '--quick', '--no-peers', '--only', 'function,lambda', '--model', 'banking77-tfidf'],
    ],
    ['npm run fuzz', [cli('fuzz'), '--records', '500']],
    [
      'serverless invoke local, a table',
      [serverless, 'invoke', 'local', '-f', 'fanOut', '-p', 'events/dynamodb-stream.json'],
    ],
    [
      'serverless invoke local',
      [serverless, 'invoke', 'local', '-f', 'classifyStream', '-p', 'events/insert.json'],
    ],
  ])('%s: nothing', async (_, parameters) => {
    expect(await trafficOf(node, parameters)).toEqual(SILENCE);
  });

  it('serverless package: nothing', async () => {
    // Models that were tried before would not be run.
    for (const architecture of ['x64', 'arm64'])
      await rm(join(ROOT, '.build', architecture, 'tried.json'), { force: true });
    expect(await trafficOf(node, [serverless, 'package', '--package', folder])).toEqual(SILENCE);
  });

  it('npm run layers: nothing', async () => {
    const parameters = [join(ROOT, 'layers', 'build.ts'), '--arch', 'x64', '--out', join(folder, 'layers')];
    expect(await trafficOf(node, parameters)).toEqual(SILENCE);
  });

  it('npm run classify, a file: nothing', async () => {
    const [input, output] = [join(folder, 'texts.csv'), join(folder, 'labelled.csv')];
    await writeFile(input, 'text\nmy card is lost\n');
    expect(await trafficOf(node, [cli('classify'), '--input', input, '--output', output])).toEqual(SILENCE);
  });

  it('npm run batch, a file: nothing', async () => {
    const [input, output] = [join(folder, 'more.csv'), join(folder, 'batch')];
    await writeFile(input, 'text\nmy card is lost\n');
    const parameters = ['--input', input, '--output', output, '--model', 'banking77-cascade'];
    expect(await trafficOf(node, [cli('batch'), ...parameters])).toEqual(SILENCE);
  });
});
