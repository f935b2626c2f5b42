import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readdir, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';

let service: ServiceCopy;
const running = new Set<ChildProcess>();

beforeEach(async () => {
  service = await copyService();
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  await service.remove();
});

const layers = () => join(service.root, '.build', 'x64');
/** What a build has left, or works with. */
const scratch = (): readonly string[] => {
  if (!existsSync(layers())) return [];
  return readdirSync(layers()).filter((name) => !['models', 'opt', 'runtime'].includes(name));
};

const build = (): ChildProcess => {
  const child = spawn(process.execPath, [join(service.root, 'layers', 'build.ts'), '--arch', 'x64'], {
    cwd: service.root,
    stdio: 'ignore',
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
};

/** A build that is stopped in the middle of it. */
const halfBuild = async (): Promise<{ child: ChildProcess; its: string }> => {
  const before = scratch();
  const child = build();
  for (;;) {
    const its = scratch().find((name) => !before.includes(name));
    if (its !== undefined) {
      child.kill('SIGSTOP');
      return { child, its };
    }
    if (child.exitCode !== null) throw new Error('the build was over before it was caught');
    await sleep(1);
  }
};

const ended = async (child: ChildProcess): Promise<unknown> => {
  const [code, signal] = await once(child, 'exit');
  return code ?? signal;
};

describe('a build of the layers', () => {
  // So large that a build is long enough to be caught.
  beforeEach(() => service.writeLargeModel('large', 100_000_000));

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves nothing half done after %s', async (signal) => {
    const { child } = await halfBuild();
    child.kill(signal);
    child.kill('SIGCONT');
    expect(await ended(child)).toBe(signal);
    expect(scratch()).toEqual([]);
  });

  it('removes what one has left that was killed, and nothing of one that runs at the same time', async () => {
    const killed = await halfBuild();
    killed.child.kill('SIGKILL');
    await ended(killed.child);
    expect(scratch()).toEqual([killed.its]);

    const slow = await halfBuild();
    expect(scratch()).toEqual([slow.its]);
    expect(await ended(build())).toBe(0);
    expect(scratch()).toEqual([slow.its]);
    slow.child.kill('SIGCONT');
    expect(await ended(slow.child)).toBe(0);
    expect(scratch()).toEqual([]);
  }, 60_000);

  it('leaves what another machine works with, for a day', async () => {
    // The id is that of a process here, which has nothing to do with it.
    const names = [`.scratch-other-1-abcdef`, `.scratch-other-1-ghijkl`, `.scratch-${hostname()}-1-mnopqr`];
    for (const name of names) await mkdir(join(layers(), name), { recursive: true });
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 3600 * 1000);
    for (const name of names.slice(1)) await utimes(join(layers(), name), twoDaysAgo, twoDaysAgo);
    expect(await ended(build())).toBe(0);
    expect(scratch()).toEqual(names.slice(0, 1));
  });
});

it('serverless package leaves nothing in the temporary folder, nor beside what it has built', async () => {
  await service.writeModel('demo');
  const temporary = join(service.root, 'temporary');
  await mkdir(temporary);
  const args = ['package', '--param', 'fanOut=function'];
  const run = await service.spawnServerless(args, { TMPDIR: temporary });
  expect([run.status, run.stderr + run.stdout]).toEqual([0, expect.anything()]);
  expect(await readdir(temporary)).toEqual([]);
  expect(await readdir(join(service.root, '.build'))).toEqual(['arm64', 'client-s3']);
}, 60_000);
