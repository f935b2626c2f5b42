import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { must } from '../../src/errors.ts';

const ROOT = join(import.meta.dirname, '..', '..');

export type LogLine = Readonly<Record<string, unknown>> & { readonly message: string };

export interface ServeProcess {
  /** Where it listens. */
  readonly url: string;
  /** The lines that it has logged. */
  readonly lines: readonly LogLine[];
  readonly process: ChildProcess;
  /** What it writes on standard error, once it has ended. */
  readonly errors: Promise<string>;
  /** The exit status, once it has ended. */
  readonly ended: Promise<number | null>;
  /** Waits for a line with this message. @param from the number of lines to pass over */
  logged(message: string, from?: number): Promise<LogLine>;
}

/** Starts the program of the container, by default with the models of the repository, on a free port. */
export const startProcess = (env: NodeJS.ProcessEnv = {}, args: readonly string[] = ['serve']) =>
  start(join(ROOT, 'src', 'main.ts'), args, {
    MODEL: 'banking77-tfidf',
    MODELS_DIR: join(ROOT, 'models'),
    PORT: '0',
    ...env,
  });

/** Starts `npm run serve`, without npm. */
export const startCommand = (args: readonly string[]) =>
  start(join(ROOT, 'src', 'tools', 'commands', 'serve.ts'), args, {});

const start = (program: string, args: readonly string[], env: NodeJS.ProcessEnv) => {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH, NODE_COMPILE_CACHE, ORT_DISABLE_TELEMETRY: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const errors = text(must(child.stderr, 'stderr'));
  const lines: LogLine[] = [];
  const output = createInterface({ input: must(child.stdout, 'stdout') });
  output.on('line', (line) => {
    lines.push(JSON.parse(line) as LogLine);
    output.emit('read');
  });
  const ended = once(child, 'close').then(([status]) => status as number | null);
  const logged = async (message: string, from = 0): Promise<LogLine> => {
    for (;;) {
      const found = lines.slice(from).find((line) => line.message === message);
      if (found !== undefined) return found;
      const status = await Promise.race([once(output, 'read').then(() => 'more' as const), ended]);
      if (status !== 'more' && !lines.slice(from).some((line) => line.message === message))
        throw new Error(`ended with ${status} before it logged ${message}: ${JSON.stringify(lines)}`);
    }
  };
  return { process: child, lines, ended, errors, logged };
};

/** Like `startProcess`, once it listens. */
export const serveProcess = async (env?: NodeJS.ProcessEnv): Promise<ServeProcess> => {
  const started = startProcess(env);
  const { url } = await started.logged('listening');
  return { ...started, url: String(url) };
};
