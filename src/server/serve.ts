import cluster from 'node:cluster';
import { must } from '../errors.ts';
import { log } from '../http/log.ts';
import { addressOf, readPredictConfig, readServerConfig } from '../wire/config.ts';
import { containerEnvironment } from '../wire/server.ts';
import { exit } from './exit.ts';
import { type FromWorker, type Metrics, METRICS_MS, type ToWorker } from './messages.ts';
import { freePort } from './free-port.ts';
import { type RequestServer, serveRequests } from './serve-requests.ts';
import { onSignals } from './signals.ts';
import { startWorkers } from './workers.ts';

/** The variable that tells a process its number. */
const WORKER = 'LABELSTREAM_WORKER';

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
  const starting = serveRequests(env);
  onSignals(
    () => {
      log('INFO', 'stopping');
      stopOnce(starting);
    },
    () => exit(1),
  );
  log('INFO', 'starting');
  const server = await starting;
  log('INFO', 'listening', { url: server.url });
};

/** In a process that `startWorkers` has started: it decides when this one stops. */
const serveAsWorker = async (env: NodeJS.ProcessEnv): Promise<void> => {
  // A terminal sends its signals to this process, too.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
  let others: readonly Metrics[] = [];
  const worker = Number(must(env[WORKER], WORKER));
  const starting = serveRequests(env, { worker, otherMetrics: () => others });
  let isStopping = false;
  const stop = (): void => {
    if (!isStopping) stopOnce(starting);
    isStopping = true;
  };
  // Before it listens, so that no message is missed.
  process.on('message', (message: ToWorker) => {
    if ('stop' in message) stop();
    else others = message.otherMetrics;
  });
  process.on('disconnect', stop);
  const server = await starting;
  const tell = (message: FromWorker): void => {
    if (process.connected) process.send?.(message);
  };
  setInterval(() => tell({ metrics: server.metrics() }), METRICS_MS).unref();
  tell({ listening: server.url });
};

/** Ends a server, also one that is about to start; where it cannot start, the caller says why. */
const stopOnce = (starting: Promise<RequestServer>): void => {
  starting
    .then((server) => server.stop())
    .then(
      () => exit(0),
      () => undefined,
    );
};
