import { log } from '../http/log.ts';
import { metricsText } from '../http/metrics.ts';
import { type PredictParts, predictApi } from '../http/predict-api.ts';
import { type HttpServer, startServer } from '../http/server.ts';
import { addressOf, readServerConfig } from '../wire/config.ts';
import { wireServer } from '../wire/server.ts';
import type { Metrics } from './messages.ts';

export interface RequestServer {
  readonly url: string;
  /** Answers what has begun, at most for the time of grace, and closes. */
  stop(): Promise<void>;
  /** The metrics of this process. */
  metrics(): Metrics;
}

export interface RequestServerOptions {
  /** The number of this process, where there are several. */
  readonly worker?: number;
  /** The metrics of the other processes. */
  readonly otherMetrics?: () => readonly Metrics[];
}

/**
 * Whether the system shares a port among processes. Where it does not, the first process accepts all connections and
 * hands them over one by one, for which it waits while models run.
 *
 * @see https://nodejs.org/api/net.html#serverlistenoptions-callback
 */
const CAN_SHARE_PORTS = process.platform === 'linux';

/**
 * Serves the prediction API from this process.
 *
 * @throws ConfigError, also where it cannot listen; ModelError
 */
export const serveRequests = async (
  env: NodeJS.ProcessEnv,
  { worker, otherMetrics = () => [] }: RequestServerOptions = {},
): Promise<RequestServer> => {
  const config = readServerConfig(env);
  const parts = await wireServer(env, {
    onFault: ({ id, error }) => log('WARN', 'model-fault', { model: id, reason: error.message }),
    onUse: ({ id, before }) => log('INFO', 'model-in-use', { model: id, before }),
    ...(worker !== undefined && { worker }),
  });
  let isStopping = false;
  const served: PredictParts = {
    ...parts,
    report: (request) => {
      parts.report(request);
      // Texts are not in it.
      if (request.failure !== undefined) log('ERROR', 'failed', request);
    },
    ready: () => !isStopping,
    metrics: () => metricsText([parts.readMetrics(), ...otherMetrics()]),
  };
  const server: HttpServer = await startServer(predictApi(served).fetch, {
    ...addressOf(config),
    sharesPort: worker !== undefined && CAN_SHARE_PORTS,
    bodyBytes: parts.limits.bytes,
    headersSeconds: config.HEADERS_TIMEOUT_SECONDS,
    requestSeconds: config.REQUEST_TIMEOUT_SECONDS,
    keepAliveSeconds: config.KEEP_ALIVE_SECONDS,
    headerBytes: config.MAX_HEADER_BYTES,
  });
  return {
    url: server.url,
    metrics: parts.readMetrics,
    stop: async () => {
      isStopping = true;
      const cut = await server.stop(config.GRACE_SECONDS * 1_000);
      // A process that ends while a thread opens a graph is aborted.
      await Promise.allSettled(parts.models.resolve().map(({ id }) => parts.models.load(id)));
      if (cut > 0) log('WARN', 'cut', { connections: cut, reason: 'the time of grace is over' });
    },
  };
};
