import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type EnvironmentSpec, environmentVariables, nodeFlags } from './environment-variables.ts';
import { forEachLine } from './log-lines.ts';
import { peakMemoryGauge } from './peak-memory.ts';
import type { Reaper } from './reaper.ts';
import { type FunctionError, type Outcome, startRuntimeApi } from './runtime-api.ts';

/** The result of an invocation in an environment. */
export interface Completion {
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly timedOut: boolean;
}

/** An execution environment: one process, one invocation at a time. */
export interface LambdaEnvironment {
  /** From the process's start to its first request for an invocation. */
  readonly initMs: number;
  /** Why the init phase failed; such an environment is of no further use. */
  readonly initError: FunctionError | undefined;
  alive(): boolean;
  peakMemoryMB(): number;
  /** Never rejects: a time-out kills the environment, and its end is a result, too. */
  invoke(requestId: string, body: Buffer, timeoutMs: number): Promise<Completion>;
  /** Kills the process; resolves when it has ended. */
  kill(): Promise<void>;
}

/** Lambda's limit for the init phase, in milliseconds. */
export const INIT_TIMEOUT_MS = 10_000;

const timedOutError = (requestId: string, ms: number): FunctionError => ({
  errorType: 'Sandbox.Timedout',
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(ms / 1000).toFixed(2)} seconds`,
});

const exitError = (requestId: string, code: number | null, signal: NodeJS.Signals | null): FunctionError => {
  const how = signal ? `signal: ${signal}` : `exit status ${code}`;
  const reason =
    code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: ${how}`;
  return { errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: ${reason}` };
};

/**
 * Starts an execution environment and waits for the end of its init phase. The process ends with its parent's.
 *
 * @param requestId the invocation that it is started for, which errors of the init phase name
 * @param reaper ends the process with this one
 * @param onLine receives what the process writes; without it, the output is dropped
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export const startEnvironment = async (
  spec: EnvironmentSpec,
  requestId: string,
  functionArn: string,
  reaper: Reaper,
  onLine?: (line: string) => void,
): Promise<LambdaEnvironment> => {
  const api = await startRuntimeApi(functionArn);
  const startedAt = performance.now();
  const output = onLine ? 'pipe' : 'ignore';
  const child = spawn(
    process.execPath,
    [...nodeFlags(spec.memoryMB), join(import.meta.dirname, 'bootstrap.cjs')],
    {
      cwd: spec.taskRoot,
      env: environmentVariables(spec, api.address),
      stdio: ['pipe', output, output],
    },
  );
  for (const stream of [child.stdout, child.stderr]) if (stream && onLine) forEachLine(stream, onLine);
  const peakMemoryMB = peakMemoryGauge(child.pid ?? 0);

  let alive = true;
  let inProgress = requestId;
  let timeout: FunctionError | undefined;
  const exited = once(child, 'exit').then(
    ([code, signal]) => api.abandon(timeout ?? exitError(inProgress, code, signal)),
    (cause: Error) => api.abandon({ errorType: 'Runtime.ExitError', errorMessage: cause.message }),
  );
  const gone = exited.then(() => {
    alive = false;
    reaper.remove(kill);
    api.close();
  });
  const kill = (): Promise<void> => {
    peakMemoryMB();
    child.kill('SIGKILL');
    return gone;
  };
  reaper.add(kill);
  const limited = async <T>(ms: number, work: Promise<T>): Promise<T> => {
    const timer = setTimeout(() => {
      timeout = timedOutError(inProgress, ms);
      void kill();
    }, ms);
    return work.finally(() => clearTimeout(timer));
  };

  const initError = await limited(INIT_TIMEOUT_MS, api.initialised);
  const initMs = performance.now() - startedAt;
  peakMemoryMB();
  if (initError) await kill();
  return {
    initMs,
    initError,
    alive: () => alive && !child.killed,
    peakMemoryMB,
    invoke: async (id, body, timeoutMs) => {
      inProgress = id;
      const from = performance.now();
      const invocation = { requestId: id, body, deadlineMs: Date.now() + timeoutMs };
      const outcome = await limited(timeoutMs, api.invoke(invocation));
      return { outcome, durationMs: outcome.at - from, timedOut: timeout !== undefined };
    },
    kill,
  };
};
