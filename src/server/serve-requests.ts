import { log } from '../http/log.ts';
import { metricsText } from '../http/metrics.ts';
import { predictApi } from '../http/predict-api.ts';
import { type HttpServer, startServer } from '../http/server.ts';
import { readServerConfig } from '../wire/config.ts';
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
 * Serves the prediction API from this process.
 *
 * @throws ConfigError, ModelError, or the system's error where it cannot listen
 */
export const serveRequests = async (
  env: NodeJS.ProcessEnv,
  { worker, otherMetrics = () => [] }: RequestServerOptions = {},
): Promise<RequestServer> => {
  const config = readServerConfig(env);
  const parts = await wireServer(env, {
    onFault: ({ id, error }) => log('WARN', 'model-fault', { model: id, reason: error.message }),
    ...(worker !== undefined && { worker }),
  });
  let isStopping = false;
  const served = {
    ...parts,
    ready: () => !isStopping,
    metrics: () => metricsText([parts.readMetrics(), ...otherMetrics()]),
  };
  const { host, port } = config.AWS_LAMBDA_HTTP_ENDPOINT ?? { host: config.HOST, port: config.PORT };
  const server: HttpServer = await startServer(predictApi(served).fetch, {
    host,
    port,
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
      if (cut > 0) log('WARN', 'cut', { connections: cut, reason: 'the time of grace is over' });
    },
  };
};
