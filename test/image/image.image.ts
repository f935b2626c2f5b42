import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '../../src/errors.ts';
import type { BuilderName } from '../../src/tools/build/image-builder.ts';
import { startRuntimeApi } from '../../src/tools/emulators/lambda/runtime-api.ts';
import { startContainer } from './container.ts';
import { type Engine, openEngine, type RunOptions } from './engine.ts';

let engine: Engine;
let folder: string;
const started: ReturnType<typeof startContainer>[] = [];

beforeAll(async () => {
  const builder = must(process.env.IMAGE_TEST_BUILDER, 'IMAGE_TEST_BUILDER, which npm run test:image sets');
  engine = await openEngine(builder as BuilderName, must(process.env.IMAGE_TEST_TAG, 'IMAGE_TEST_TAG'));
  folder = mkdtempSync(join(tmpdir(), 'image-'));
  mkdirSync(join(folder, 'in'));
  mkdirSync(join(folder, 'out'));
  // Whoever the image's user is.
  for (const path of ['', 'in', 'out']) chmodSync(join(folder, path), 0o777);
  const lines = (from: number) =>
    Array.from(
      { length: 30_000 },
      (_, index) => `{"id":${from + index},"text":"I lost my card ${index}"}\n`,
    ).join('');
  writeFileSync(join(folder, 'in', 'large.jsonl'), [0, 1, 2].map((part) => lines(part * 30_000)).join(''));
});
afterEach(async () => {
  for (const { child } of started) child.kill('SIGKILL');
  await Promise.all(started.splice(0).map(({ ended }) => ended));
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const run = (options: RunOptions) => {
  const container = startContainer(engine, options);
  started.push(container);
  return container;
};

describe('the image', () => {
  it('is for one platform, and runs a program by its name as an unprivileged user', async () => {
    const { user, entrypoint, command, mediaType } = await engine.describe();
    expect({ user, entrypoint, command }).toEqual({
      user: '65532:65532',
      entrypoint: ['/usr/local/bin/node', '/app/main.cjs'],
      command: ['serve'],
    });
    // Lambda takes no index.
    expect(mediaType ?? 'application/vnd.oci.image.manifest.v1+json').toMatch(/manifest\.v[12]\+json$/);
  });

  it('can write to /tmp, and to nothing else', async () => {
    const program = `
      const write = (path) => { try { fs.writeFileSync(path, ''); return 'written'; } catch ({ code }) { return code; } };
      console.log(JSON.stringify({ uid: process.getuid(), gid: process.getgid(), major: process.versions.node.split('.')[0],
        root: write('/x'), app: write('/app/main.cjs'), opt: write('/opt/x'), tmp: write('/tmp/x') }));`;
    const { said, ended } = run({ entrypoint: '/usr/local/bin/node', args: ['-e', program] });
    expect(await ended).toBe(0);
    expect(JSON.parse(said.join(''))).toEqual({
      ...{ uid: 65532, gid: 65532, major: '24' },
      ...{ root: 'EROFS', app: 'EROFS', opt: 'EROFS', tmp: 'written' },
    });
  });

  it('says what it can be, where it is asked for something else', async () => {
    const { ended, logged } = run({ args: ['train'] });
    expect((await logged('start')).reason).toMatch(
      /the first argument is one of serve, job, classify-stream/,
    );
    expect(await ended).toBe(2);
  });
});

describe('the image as a server', () => {
  it('answers as SageMaker asks, and ends at SIGTERM with 0', async () => {
    const { child, ended, logged } = run({ args: ['serve'], env: { PORT: '0', HOST: '127.0.0.1' } });
    const { url } = await logged('listening');
    expect((await fetch(`${String(url)}/ping`)).status).toBe(200);
    const answer = await fetch(`${String(url)}/invocations`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ inputs: 'I lost my card' }),
    });
    expect(await answer.json()).toEqual(
      expect.arrayContaining([expect.objectContaining({ label: 'lost_or_stolen_card' })]),
    );
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('runs a transformer', async () => {
    const env = { PORT: '0', HOST: '127.0.0.1', MODEL: 'banking77-minilm' };
    const { logged } = run({ args: ['serve'], env });
    const { url } = await logged('listening');
    const body = JSON.stringify({ inputs: 'I lost my card' });
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(String(url), { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
  });
});

describe('the image as a job', () => {
  const job = (env: Readonly<Record<string, string>> = {}) =>
    run({
      args: ['job', 'classify-objects'],
      folders: { '/tmp/in': join(folder, 'in'), '/tmp/out': join(folder, 'out') },
      env: { INPUT: '/tmp/in', OUTPUT_BUCKET: '/tmp/out', NAMING: 'plain', SHARD_MB: '1', ...env },
    });

  it('ends at SIGTERM at the end of a shard with 75, and does the rest when it is tried again', async () => {
    const first = job({ WORKERS: '1' });
    await first.logged('shard');
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(75);
    const output = join(folder, 'out', 'large.jsonl.out');
    expect(existsSync(output)).toBe(false);
    const second = job({ WORKERS: '2' });
    expect(await second.ended).toBe(0);
    expect(await second.logged('summary')).toMatchObject({
      failed: 0,
      left: 0,
      counts: { labelled: 90_000 },
    });
    expect(readFileSync(output, 'utf8').trimEnd().split('\n')).toHaveLength(90_000);
  });

  it('exits with 2 where its settings are wrong', async () => {
    const { ended, logged } = job({ INPUT: '/tmp/nowhere' });
    expect((await logged('job')).reason).toMatch(/there is no such file or folder/);
    expect(await ended).toBe(2);
  });
});

describe('the image as a Lambda function', () => {
  const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:image';
  const started = async (name: string, env: Readonly<Record<string, string>>) => {
    const api = await startRuntimeApi(ARN);
    const container = run({
      args: [name],
      env: {
        AWS_LAMBDA_RUNTIME_API: api.address,
        AWS_LAMBDA_FUNCTION_NAME: 'image',
        AWS_LAMBDA_FUNCTION_VERSION: '1',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769',
        AWS_REGION: 'us-east-1',
        ...env,
      },
    });
    container.ended
      .then(() => api.abandon({ errorType: 'Runtime.ExitError', errorMessage: 'it ended' }))
      .catch(() => undefined);
    return { api, container, initError: await api.initialised };
  };

  it.each([
    ['predict', {}],
    ['classify-stream', { DOCUMENTS_TABLE: 'documents', REJECTS_TABLE: 'rejects' }],
  ])('is %s, which classifies', async (name, env) => {
    const { api, initError } = await started(name, env);
    expect(initError).toBeUndefined();
    const event = { labelstream: 'verify', texts: ['I lost my card'] };
    const invoke = (requestId: string) =>
      api.invoke({ requestId, body: Buffer.from(JSON.stringify(event)), deadlineMs: Date.now() + 60_000 });
    for (const id of ['r1', 'r2'])
      expect(await invoke(id)).toMatchObject({
        payload: { predictions: [{ label: 'lost_or_stolen_card' }], model: 'banking77-tfidf@1' },
      });
    api.close();
  });

  it('reports the settings that are wrong as the fault of the init', async () => {
    const { api, initError } = await started('predict', { MODEL: 'none' });
    expect(initError?.errorMessage).toMatch(/none/);
    api.close();
  });
});
