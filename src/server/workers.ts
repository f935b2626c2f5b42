import cluster, { type Worker } from 'node:cluster';
import { log } from '../http/log.ts';
import { exit } from './exit.ts';
import { type FromWorker, type Metrics, METRICS_MS, type ToWorker } from './messages.ts';
import { onSignals } from './signals.ts';

export interface WorkersOptions {
  readonly count: number;
  /** For the requests that have begun. */
  readonly graceMs: number;
  /** The program of a worker. */
  readonly entry: string;
  readonly env: NodeJS.ProcessEnv;
  /** The variable that tells a worker its number. */
  readonly numbered: string;
}

/** What a worker needs beyond the time of grace to end. */
const END_MS = 2_000;

/**
 * Starts processes that accept connections to the same port in turn, and replaces one that crashes. A signal stops all
 * of them; a second one ends them at once.
 *
 * @returns when all are listening
 */
export const startWorkers = async (options: WorkersOptions): Promise<void> => {
  const { count, graceMs, entry, env, numbered } = options;
  cluster.setupPrimary({ exec: entry, args: ['serve'] });
  const workers = new Map<number, Worker>();
  const metrics = new Map<number, Metrics>();
  let isStopping = false;

  /** @param onListening gets its address */
  const start = (number: number, onListening: (url: string) => void): void => {
    const worker = cluster.fork({ ...env, [numbered]: String(number) });
    workers.set(number, worker);
    let isListening = false;
    worker.on('message', (message: FromWorker) => {
      if ('metrics' in message) metrics.set(number, message.metrics);
      else {
        isListening = true;
        onListening(message.listening);
      }
    });
    // A message to one that has just ended; its exit follows.
    worker.on('error', ({ name }) => log('WARN', 'worker-error', { worker: number, reason: name }));
    worker.on('exit', (status: number | null, signal) => {
      workers.delete(number);
      metrics.delete(number);
      if (isStopping) {
        if (workers.size === 0) exit(0);
        return;
      }
      log('ERROR', 'worker-exit', { worker: number, status, signal });
      // One that cannot even start would do so for ever.
      if (!isListening) killAll(status ?? 1);
      else start(number, (url) => log('INFO', 'restarted', { worker: number, url }));
    });
  };
  const tellAll = (message: (number: number) => ToWorker): void => {
    for (const [number, worker] of workers) if (worker.isConnected()) worker.send(message(number));
  };
  const killAll = (status = 1): void => {
    isStopping = true;
    for (const worker of workers.values()) worker.process.kill('SIGKILL');
    exit(status);
  };

  onSignals(
    () => {
      isStopping = true;
      log('INFO', 'stopping');
      tellAll(() => ({ stop: true }));
      setTimeout(killAll, graceMs + END_MS);
    },
    () => killAll(),
  );

  log('INFO', 'starting', { workers: count });

  setInterval(() => {
    tellAll((number) => ({
      otherMetrics: [...metrics].flatMap(([other, one]) => (other === number ? [] : [one])),
    }));
  }, METRICS_MS);
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const [url] = await Promise.all(
    numbers.map((number) => new Promise<string>((listening) => start(number, listening))),
  );
  log('INFO', 'listening', { url, workers: count });
};
