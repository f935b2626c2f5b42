import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readServerlessFile } from '../../../src/tools/serverless-yml/serverless-file.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PROGRAM = join(import.meta.dirname, '..', '..', 'support', 'run-models.ts');

/** The sockets that a process has open; Linux alone tells them. */
const socketsOf = async (pid: number): Promise<readonly string[]> => {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(names.map((name) => readlink(join(folder, name)).catch(() => '')));
  return files.filter((file) => file.startsWith('socket:'));
};

/** Runs the models of a folder in a process of their own, whose home and folder for temporary files are empty. */
const runModels = async (...threads: readonly string[]) => {
  const home = await mkdtemp(join(tmpdir(), 'labelstream-home-'));
  const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, ...env } = process.env;
  try {
    const child = spawn(process.execPath, [PROGRAM, join(ROOT, 'models'), ...threads], {
      env: { ...env, HOME: home, TMPDIR: home },
      // No pipes: they would be sockets.
      stdio: 'ignore',
    });
    const exited = once(child, 'exit');
    const sockets = new Set<string>();
    const watch = setInterval(() => {
      void socketsOf(child.pid ?? 0).then((found) => found.forEach((socket) => sockets.add(socket)));
    }, 5);
    const [status] = (await exited) as [number | null];
    clearInterval(watch);
    return { status, sockets: [...sockets], files: await readdir(home, { recursive: true }) };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
};

describe('a process that runs models', () => {
  it.each([['on one thread', '1'] as const, ['on two threads', '2'] as const])(
    'opens no socket and leaves no file, %s',
    async (_, threads) => {
      expect(await runModels(threads)).toEqual({ status: 0, sockets: [], files: [] });
    },
  );
});

describe('the deployed function', () => {
  it('has the telemetry of ONNX Runtime off in its environment', async () => {
    const { classifyStream } = (await readServerlessFile(ROOT)).functions;
    expect(classifyStream?.environment).toMatchObject({ ORT_DISABLE_TELEMETRY: '1' });
  });
});
