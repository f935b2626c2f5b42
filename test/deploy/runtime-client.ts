import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EnvironmentSpec,
  environmentVariables,
  nodeFlags,
} from '../../src/tools/emulators/lambda/environment-variables.ts';
import { peakMemoryGauge } from '../../src/tools/emulators/lambda/peak-memory.ts';
import { type Outcome, startRuntimeApi } from '../../src/tools/emulators/lambda/runtime-api.ts';

const ASKED = join(__dirname, 'runtime-client');

/** What the client's native part is built with; it fetches nothing but the headers of Node.js, if they are not here. */
export const missingBuildTools = (): readonly string[] =>
  ['cmake', 'make', 'g++', 'python3'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);

/**
 * Installs AWS's runtime client into `folder`, unless what `runtime-client/package-lock.json` asks for is there.
 *
 * @returns the client's program
 * @throws Error with what npm said
 */
export const installRuntimeClient = async (folder: string): Promise<string> => {
  const program = join(folder, 'node_modules', 'aws-lambda-ric', 'index.mjs');
  const lock = join(ASKED, 'package-lock.json');
  const installed = await readFile(join(folder, 'installed.json'), 'utf8').catch(() => '');
  if (installed === (await readFile(lock, 'utf8'))) return program;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    await copyFile(join(ASKED, file), join(folder, file));
  // The binding is an N-API addon: the headers of any Node.js will do, and need not be fetched where there are some.
  const headers = ['/usr', '/usr/local'].find((prefix) =>
    existsSync(join(prefix, 'include/node/node_api.h')),
  );
  const { status, stdout, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...(headers !== undefined && { npm_config_nodedir: headers }), ...process.env },
  });
  if (status !== 0) throw new Error(`npm cannot build aws-lambda-ric:\n${stdout}${stderr}`);
  // Last, so that what was interrupted is made anew.
  await copyFile(lock, join(folder, 'installed.json'));
  return program;
};

export interface Served {
  readonly outcome: Outcome;
  /** From the process's start to its first question for an invocation. */
  readonly initMs: number;
  readonly durationMs: number;
  readonly peakMemoryMB: number;
}

/**
 * Starts an environment with AWS's runtime client and has it answer one event.
 *
 * @throws Error with what the function wrote, where its init phase fails
 */
export const serveOnce = async (program: string, spec: EnvironmentSpec, event: unknown): Promise<Served> => {
  const api = await startRuntimeApi(`arn:aws:lambda:us-east-1:123456789012:function:${spec.name}`);
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...nodeFlags(spec.memoryMB), program, spec.handler], {
    cwd: spec.taskRoot,
    env: environmentVariables(spec, api.address),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const peakMemoryMB = peakMemoryGauge(child.pid ?? 0);
  let written = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (written += text));
  child.once('exit', (code, signal) =>
    api.abandon({ errorType: 'Runtime.ExitError', errorMessage: `exit status ${code ?? signal}` }),
  );
  try {
    const initError = await api.initialised;
    const initMs = performance.now() - startedAt;
    if (initError !== undefined)
      throw new Error(`${initError.errorType}: ${initError.errorMessage}\n${written}`);
    const from = performance.now();
    const body = Buffer.from(JSON.stringify(event));
    const outcome = await api.invoke({ requestId: 'one', body, deadlineMs: Date.now() + 60_000 });
    return { outcome, initMs, durationMs: outcome.at - from, peakMemoryMB: peakMemoryMB() };
  } finally {
    child.kill('SIGKILL');
    api.close();
  }
};
