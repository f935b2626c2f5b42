import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localRegion } from '../aws/aws-clients.ts';
import { type Completion, type LambdaEnvironment, startEnvironment } from './environment.ts';
import type { EnvironmentSpec } from './environment-variables.ts';
import { createPermits } from './fifo-permits.ts';
import { createFunctionStats, type FunctionStats } from './function-stats.ts';
import { createReaper } from './reaper.ts';
import { type Report, reportLine } from './report-line.ts';
import { type FunctionError, MAX_PAYLOAD_BYTES } from './runtime-api.ts';

export interface FunctionSettings extends EnvironmentSpec {
  readonly timeoutMs: number;
  /** The most environments at a time: the function's reserved concurrency. Further invocations wait in order. */
  readonly maxEnvironments: number;
  readonly onReport?: ((report: Report) => void) | undefined;
  /** Receives every invocation that begins in an environment, and can end that environment during it. */
  readonly onInvoke?: ((running: RunningInvocation) => void) | undefined;
  /** Each line of the function's log: what it writes, and Lambda's own START, END and REPORT. */
  readonly onLog?: ((line: string) => void) | undefined;
}

export interface RunningInvocation {
  /** Resolves when the invocation has ended, with any result. */
  readonly over: Promise<unknown>;
  /** Kills the environment. */
  kill(): Promise<void>;
}

export interface InvocationResult {
  readonly requestId: string;
  /** What the handler returned; undefined when it failed. */
  readonly payload: unknown;
  readonly functionError?: FunctionError;
  readonly report: Report;
}

export interface LambdaFunction {
  readonly functionArn: string;
  /** @throws RequestTooLargeException when the event's JSON is over 6 MB; Error once the function is closed. */
  invoke(event: unknown): Promise<InvocationResult>;
  stats(): FunctionStats;
  /** Kills every environment; resolves when no process is left. Invocations that wait are rejected. */
  close(): Promise<void>;
}

/** The event is over the 6 MB of a synchronous invocation. */
export class RequestTooLargeException extends Error {
  override name = 'RequestTooLargeException';
}

const encode = (event: unknown): Buffer => {
  const body = Buffer.from(event === undefined ? 'null' : JSON.stringify(event));
  if (body.length <= MAX_PAYLOAD_BYTES) return body;
  throw new RequestTooLargeException(
    `${body.length} byte payload is too large for the RequestResponse invocation type (limit ${MAX_PAYLOAD_BYTES} bytes)`,
  );
};

/**
 * A Lambda function whose environments are child processes running the built bundle: a warm one is reused, one more
 * is started when all are busy, and one that failed to start, timed out or died is replaced at the next invocation.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
export const createLambdaFunction = (settings: FunctionSettings): LambdaFunction => {
  const { memoryMB, timeoutMs, maxEnvironments, onReport, onInvoke, onLog } = settings;
  const functionArn = `arn:aws:lambda:${localRegion()}:000000000000:function:${settings.name}`;
  const timeoutText = `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
  const permits = createPermits(maxEnvironments);
  const statistics = createFunctionStats(memoryMB);
  const reaper = createReaper();
  const tmpDir = mkdtempSync(join(tmpdir(), 'labelstream-tmp-'));
  const running = new Set<Promise<InvocationResult>>();
  const idle: LambdaEnvironment[] = [];

  const warm = (): LambdaEnvironment | undefined => {
    let candidate = idle.pop();
    while (candidate && !candidate.alive()) candidate = idle.pop();
    return candidate;
  };

  const reported = (
    requestId: string,
    environment: LambdaEnvironment,
    cold: boolean,
    { durationMs, outcome, timedOut }: Completion,
  ): Report => {
    const initMs = cold ? environment.initMs : undefined;
    const report: Report = {
      requestId,
      durationMs,
      billedMs: Math.ceil(durationMs + (initMs ?? 0)),
      memoryMB,
      maxMemoryMB: environment.peakMemoryMB(),
      ...(initMs !== undefined && { initMs }),
      ...('functionError' in outcome && { status: timedOut ? ('timeout' as const) : ('error' as const) }),
    };
    statistics.add(report);
    onReport?.(report);
    if (timedOut) onLog?.(`${new Date().toISOString()} ${requestId} ${timeoutText}`);
    onLog?.(`END RequestId: ${requestId}`);
    onLog?.(reportLine(report));
    return report;
  };

  const invoked = ({ kill }: LambdaEnvironment, over: Promise<Completion>): Promise<Completion> => {
    onInvoke?.({ over, kill });
    return over;
  };

  const run = async (body: Buffer): Promise<InvocationResult> => {
    const requestId = randomUUID();
    const reused = warm();
    const environment =
      reused ?? (await startEnvironment({ tmpDir, ...settings }, requestId, functionArn, reaper, onLog));
    onLog?.(`START RequestId: ${requestId} Version: $LATEST`);
    const completion: Completion = environment.initError
      ? {
          outcome: { at: performance.now(), functionError: environment.initError },
          durationMs: 0,
          timedOut: environment.initError.errorType === 'Sandbox.Timedout',
        }
      : await invoked(environment, environment.invoke(requestId, body, timeoutMs));
    const report = reported(requestId, environment, reused === undefined, completion);
    if (environment.alive()) idle.push(environment);
    else await environment.kill();
    const { outcome } = completion;
    return 'functionError' in outcome
      ? { requestId, payload: undefined, functionError: outcome.functionError, report }
      : { requestId, payload: outcome.payload, report };
  };

  return {
    functionArn,
    invoke: async (event) => {
      const body = encode(event);
      await permits.acquire();
      const result = run(body).finally(() => {
        running.delete(result);
        permits.release();
      });
      running.add(result);
      return result;
    },
    stats: statistics.stats,
    close: async () => {
      permits.close(new Error(`The function ${settings.name} is closed`));
      await reaper.close();
      await Promise.allSettled(running);
      rmSync(tmpDir, { recursive: true, force: true });
    },
  };
};
