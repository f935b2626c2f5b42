import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface EmulatedAws {
  /** For `AWS_ENDPOINT_URL`; any credentials will do. */
  readonly endpoint: string;
  /** Ends the server; all that was deployed goes with it. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts moto's server on a free port of this machine and resolves once it answers.
 *
 * @param python of the virtual environment that has moto
 * @throws Error with what the server said when it ends or does not answer within `timeoutMs`
 * @see https://docs.getmoto.org/en/latest/docs/server_mode.html
 */
export const startMoto = async (python: string, timeoutMs = 60_000): Promise<EmulatedAws> => {
  const port = await freePort();
  const server = spawn(python, [join(import.meta.dirname, 'moto_server.py'), '--port', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(server, 'exit').then(() => undefined);
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-10_000)));
  const stop = async (): Promise<void> => {
    server.kill('SIGKILL');
    await exited;
  };
  // Whoever ends this process without a word, the server does not outlive it.
  process.on('exit', () => server.kill('SIGKILL'));
  const endpoint = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + timeoutMs; Date.now() < end && server.exitCode === null; await sleep(100)) {
    if (await fetch(`${endpoint}/moto-api/data.json`).catch(() => undefined)) return { endpoint, stop };
  }
  await stop();
  throw new Error(`moto's server does not answer:\n${said}`);
};

/** It is free when asked for; moto's server cannot choose one itself. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
};
