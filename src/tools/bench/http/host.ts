import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessFigures, processFigures } from './process-figures.ts';

/** A server in a process of its own. */
export interface Host {
  readonly url: string;
  figures(): ProcessFigures | undefined;
  stop(): Promise<void>;
}

/** Libraries use one thread each, and none reports home. */
const ONE_THREAD = {
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  RAYON_NUM_THREADS: '1',
  TOKENIZERS_PARALLELISM: 'false',
  ORT_DISABLE_TELEMETRY: '1',
};

const READY_WITHIN_MS = 60_000;
const OUTPUT_KEPT = 2_000;

/**
 * Starts a server and waits until it answers `GET /health`, other than by 5xx.
 *
 * @param parametersFor the program's parameters, for a port that is free
 * @param environment further variables
 * @throws Error with its last words where it ends before, or takes longer than a minute
 */
export const startHost = async (
  program: string,
  parametersFor: (port: number) => readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<Host> => {
  const port = await freePort();
  const child = spawn(program, parametersFor(port), {
    env: { ...process.env, ...ONE_THREAD, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-OUTPUT_KEPT);
    });
  const gone = once(child, 'close').catch((error: Error) => {
    output += error.message;
  });
  const host = {
    url: `http://127.0.0.1:${port}/`,
    figures: () => (child.pid === undefined ? undefined : processFigures(child.pid)),
    stop: async () => {
      child.kill();
      await gone;
    },
  };
  const until = performance.now() + READY_WITHIN_MS;
  while (!(await isReady(host.url))) {
    const hasEnded = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    if (hasEnded || performance.now() > until) {
      await host.stop();
      const what = hasEnded ? 'has ended' : 'does not answer GET /health';
      throw new Error(`${[program, ...parametersFor(port)].slice(0, 2).join(' ')} ${what}: ${output.trim()}`);
    }
    await sleep(100);
  }
  return host;
};

const isReady = async (url: string): Promise<boolean> => {
  try {
    const { status, body } = await fetch(`${url}health`);
    await body?.cancel();
    return status < 500;
  } catch {
    return false;
  }
};

/** A port of localhost that is free now. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};
