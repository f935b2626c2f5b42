import cluster from 'node:cluster';
import { must } from '../errors.ts';
import { log } from '../http/log.ts';
import { addressOf, readPredictConfig, readServerConfig } from '../wire/config.ts';
import { containerEnvironment } from '../wire/server.ts';
import type { FromWorker, Metrics, ToWorker } from './messages.ts';
import { freePort } from './free-port.ts';
import { serveRequests } from './serve-requests.ts';
import { onSignals } from './signals.ts';
import { startWorkers } from './workers.ts';

/** The variable that tells a process its number. */
const WORKER = 'LABELSTREAM_WORKER';

/** How often the processes tell each other their metrics. */
const METRICS_MS = 1_000;

/**
 * Serves the prediction API until a signal ends it: in this process, or, with several threads, in one process for each
 * of them.
 *
 * @param entry the program of these processes, which calls this function with its environment
 * @throws ConfigError, also where it cannot listen; ModelError
 */
export const serve = async (env: NodeJS.ProcessEnv, entry: string): Promise<void> => {
  if (cluster.isWorker) return serveAsWorker(env);
  const config = readServerConfig(env);
  const { THREADS, GRACE_SECONDS } = config;
  readPredictConfig(containerEnvironment(env));
  if (THREADS > 1) {
    const { host, port } = await freePort(addressOf(config));
    return startWorkers({
      count: THREADS,
      graceMs: GRACE_SECONDS * 1_000,
      entry,
      env: { ...env, HOST: host, PORT: String(port), AWS_LAMBDA_HTTP_ENDPOINT: '' },
      numbered: WORKER,
    });
  }
  const server = await serveRequests(env);
  log('INFO', 'listening', { url: server.url });
  onSignals(
    () => {
      log('INFO', 'stopping');
      void server.stop().then(() => exit(0));
    },
    () => exit(1),
  );
};

/** In a process that `startWorkers` has started: it decides when this one stops. */
const serveAsWorker = async (env: NodeJS.ProcessEnv): Promise<void> => {
  // A terminal sends its signals to this process, too.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
  let others: readonly Metrics[] = [];
  const worker = Number(must(env[WORKER], WORKER));
  const server = await serveRequests(env, { worker, otherMetrics: () => others });
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= server.stop().then(() => exit(0));
  };
  process.on('message', (message: ToWorker) => {
    if ('stop' in message) stop();
    else others = message.otherMetrics;
  });
  process.on('disconnect', stop);
  const tell = (message: FromWorker): void => {
    if (process.connected) process.send?.(message);
  };
  setInterval(() => tell({ metrics: server.metrics() }), METRICS_MS).unref();
  tell({ listening: server.url });
};

/** Exits once the log is written; threads and connections do not keep the process. */
const exit = (status: number): void => {
  process.stdout.write('', () => process.exit(status));
};
