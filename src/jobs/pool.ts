import { type ChildProcess, fork } from 'node:child_process';
import { ConfigError } from '../errors.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { type ShardResult, WORKER } from './shard-work.ts';

export interface PoolOptions<Task> {
  /** Processes that work side by side, each with models of its own. */
  readonly workers: number;
  /** The program of a worker, which calls `serveShards`. */
  readonly program: {
    readonly file: string;
    readonly args: readonly string[];
    readonly env: NodeJS.ProcessEnv;
  };
  /** No shard is begun any more; those that are being worked are ended. */
  readonly stop: AbortSignal;
  /** Those that are being worked are given up. */
  readonly abort: AbortSignal;
  readonly onResult: (task: Task, result: ShardResult) => void;
  readonly onTexts?: (texts: number) => void;
  /** What a worker that was told to give up has to end; in the middle of a run of a model it does not hear. */
  readonly endMs?: number;
}

/**
 * Memory of a process that does not grow with the lines that go through it. V8's young generation takes up to twice as
 * much by itself, and the C library a heap for each thread, which make nothing faster.
 */
const STEADY = { flags: ['--max-semi-space-size=16'], env: { MALLOC_ARENA_MAX: '1' } } as const;

/** One process may end by a fault of the machine; of a shard that ends a second one, the shard is the fault. */
const MOST_CRASHES = 2;

/**
 * Works shards in processes side by side, in their order. A process that crashes is replaced, and its shard done again;
 * a shard that crashes two processes counts as failed, and the others go on.
 *
 * @returns how many shards were not done because the job was stopped
 * @throws ConfigError where a process cannot begin, with its reason
 */
export const workShards = async <Task>(
  tasks: readonly Task[],
  options: PoolOptions<Task>,
): Promise<number> => {
  const { program, stop, abort, onResult, endMs = 5_000 } = options;
  const waiting = [...tasks];
  const crashes = new Map<Task, number>();
  const running = new Set<ChildProcess>();
  let left = 0;
  let fault: ConfigError | undefined;

  const goesOn = (): boolean => !stop.aborted && !abort.aborted && fault === undefined;
  const killAll = (): void => {
    for (const child of running) child.kill('SIGKILL');
  };
  const cannotBegin = (reason: string): void => {
    fault ??= new ConfigError(reason);
    killAll();
  };
  const send = (child: ChildProcess, message: ToWorker<Task>): void => {
    // It may have ended a moment ago; its exit follows.
    if (child.connected) child.send(message, () => undefined);
  };
  const crashed = (task: Task, how: string): void => {
    const count = (crashes.get(task) ?? 0) + 1;
    crashes.set(task, count);
    if (count < MOST_CRASHES) waiting.unshift(task);
    else onResult(task, { kind: 'failed', reason: `${count} processes that worked on it ended by ${how}` });
  };

  /** Resolves when it has ended. */
  const runWorker = (number: number): Promise<void> =>
    new Promise((ended) => {
      const child = fork(program.file, program.args, {
        env: { ...STEADY.env, ...program.env, [WORKER]: String(number) },
        execArgv: [...process.execArgv, ...STEADY.flags],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      running.add(child);
      let task: Task | undefined;
      let isReady = false;
      const proceed = (): void => {
        task = goesOn() ? waiting.shift() : undefined;
        send(child, task === undefined ? { end: true } : { task });
      };
      child.on('message', (message: FromWorker) => {
        if ('ready' in message) {
          isReady = true;
          proceed();
        } else if ('texts' in message) options.onTexts?.(message.texts);
        else if ('unusable' in message) cannotBegin(message.unusable);
        else if (task !== undefined) {
          if ('result' in message) onResult(task, message.result);
          else left += 1;
          proceed();
        }
      });
      child.on('error', () => undefined);
      child.on('exit', (status, signal) => {
        running.delete(child);
        const how = signal ?? `status ${status}`;
        if (!isReady && !abort.aborted) cannotBegin(`a process could not begin: it ended by ${how}`);
        if (task !== undefined) {
          if (abort.aborted) left += 1;
          else crashed(task, how);
        }
        ended();
      });
    });
  /** A process after another, until nothing is left to do. */
  const startWorker = async (number: number): Promise<void> => {
    while (waiting.length > 0 && goesOn()) await runWorker(number);
  };

  const giveUp = (): void => {
    for (const child of running) send(child, { abort: true });
    setTimeout(killAll, endMs).unref();
  };
  const endSoon = (): void => {
    for (const child of running) send(child, { stop: true });
  };
  stop.addEventListener('abort', endSoon, { once: true });
  abort.addEventListener('abort', giveUp, { once: true });
  try {
    const count = Math.min(options.workers, tasks.length);
    await Promise.all(Array.from({ length: count }, (_, index) => startWorker(index + 1)));
  } finally {
    stop.removeEventListener('abort', endSoon);
    abort.removeEventListener('abort', giveUp);
  }
  if (fault !== undefined) throw fault;
  return left + waiting.length;
};
