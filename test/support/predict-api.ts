import { join } from 'node:path';
import { predictApi, type PredictParts } from '../../src/http/predict-api.ts';
import { wirePredict } from '../../src/wire/predict.ts';

const MODELS = join(import.meta.dirname, '..', '..', 'models');

/** The parts of the API, with the models of this repository. */
export const shippedParts = (env: NodeJS.ProcessEnv = {}): Promise<PredictParts> =>
  wirePredict({ MODEL: 'banking77-tfidf', MODELS_DIR: MODELS, ...env });

/** A test client of the API. */
export interface TestApi {
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Sends a value as JSON, a string or bytes as they are. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

export const testApi = (parts: PredictParts): TestApi => {
  const api = predictApi(parts);
  const request: TestApi['request'] = async (path, init) => api.request(path, init);
  return {
    request,
    post: (path, body, headers = {}) =>
      request(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body:
          typeof body === 'string' || body instanceof Uint8Array
            ? (body as NonNullable<RequestInit['body']>)
            : JSON.stringify(body),
      }),
  };
};
