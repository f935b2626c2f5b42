/** The Node server does what every host of the prediction API must do. */
import { once } from 'node:events';
import { type IncomingMessage, request as open } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { serveRequests } from '../../src/server/serve-requests.ts';
import { type HttpRequest, LIMITS, predictApiContract, type PredictHost } from '../contract/predict-api.ts';

const MODELS_DIR = join(import.meta.dirname, '..', '..', 'models');

const limits = Object.fromEntries(Object.entries(LIMITS).map(([name, value]) => [name, String(value)]));

const openServer = async (): Promise<PredictHost> => {
  const server = await serveRequests({ MODELS_DIR, MODEL: 'banking77-tfidf', PORT: '0', ...limits });
  const { hostname, port } = new URL(server.url);
  return {
    ask: async ({ method, target, headers, body }: HttpRequest) => {
      const length = body === undefined ? [] : [['content-length', String(body.length)]];
      // As a list, so that a name can come twice; the path as it is, which no URL would keep.
      const all = [['host', `${hostname}:${port}`], ...headers, ...length];
      const sent = open({ hostname, port, method, path: target, headers: all.flat() });
      sent.end(body);
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      const fields = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
      return {
        status: answer.statusCode ?? 0,
        headers: Object.fromEntries(fields),
        body: await buffer(answer),
      };
    },
    stop: () => server.stop(),
  };
};

predictApiContract(openServer, { hasMetrics: true });
