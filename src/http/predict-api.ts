import { Hono } from 'hono/tiny';
import { cors } from 'hono/cors';
import type { ModelFolder } from '../models/folder/model-folder.ts';
import type { Meter } from '../pipeline/meter.ts';
import type { Models } from '../tasks/model.ts';
import { keyCheck } from './bearer-key.ts';
import type { Handler } from './clients/client.ts';
import { huggingFace } from './clients/hugging-face.ts';
import { query } from './clients/query.ts';
import { sageMaker } from './clients/sagemaker.ts';
import { textEmbeddingsInference } from './clients/text-embeddings-inference.ts';
import { health } from './health.ts';
import { index } from './index-page.ts';
import { jsonResponse } from './json-response.ts';
import type { RequestLimits } from './limits.ts';
import { modelDescriptions } from './model-descriptions.ts';
import { openApiResponse } from './openapi.ts';
import { VERSION } from './openapi-brotli.ts';
import { failureOf, Problem, problemResponse, toProblem } from './problem.ts';
import type { Seen } from './seen.ts';
import { servedModels } from './served-models.ts';

export type { RequestLimits } from './limits.ts';

/** What the API works with. */
export interface PredictParts {
  /** Loaded to keep the scores of all labels. */
  readonly models: Models;
  /** The models that requests can name; a function where they change. */
  readonly catalogue: readonly ModelFolder[] | (() => readonly ModelFolder[]);
  /** Gets to know all models that there are, where they change: before they are listed. */
  readonly discover?: () => Promise<void>;
  readonly limits: RequestLimits;
  /** The text of `GET /metrics`, which exists only with it. */
  readonly metrics?: () => string;
  /** The sha256, in hexadecimal, of the key that requests have to bear. */
  readonly keySha256?: string | undefined;
  /** The origins of pages that may call the API, or `*`; none unless given. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Is told of every answered request. */
  readonly report?: RequestReport | undefined;
  /** Takes note of what models say. */
  readonly answered?: Meter['answered'] | undefined;
  /** Whether `GET /` gives browsers a page to try the models on; it does unless this is false. */
  readonly page?: boolean | undefined;
  /** Whether new requests should come here; they should unless this is false. */
  readonly ready?: () => boolean;
}

/** An answered request: no text, nothing else that a client chose. */
export interface ReportedRequest {
  readonly method: string;
  /** The pattern, `/models/:name`; `*` where there is none. */
  readonly route: string;
  readonly status: number;
  /** The models that answered, `name@version`. */
  readonly models: readonly string[];
  readonly texts: number;
  readonly ms: number;
  /** Why the server failed; absent where it did not. */
  readonly failure?: string;
}

export type RequestReport = (request: ReportedRequest) => void;

/** What is done on a path. */
interface Route {
  readonly GET?: Handler;
  readonly POST?: Handler;
  /** No key is needed to GET it. */
  readonly isOpen?: true;
  /** GET lists models. */
  readonly lists?: true;
}

/** The prediction API, from `Request` to `Response`: it does not know its host. */
export const predictApi = (parts: PredictParts): Hono => {
  const api = new Hono({ strict: false });
  const { corsOrigins = [], keySha256 } = parts;
  if (corsOrigins.length > 0) api.use(allowing(corsOrigins));
  const checkKey = keySha256 === undefined ? undefined : keyCheck(keySha256);
  for (const [path, route] of Object.entries(routesOf(parts)))
    api.all(path, (context) => {
      const { method } = context.req;
      const isOpen = method === 'OPTIONS' || (route.isOpen && method !== 'POST');
      const check = isOpen ? undefined : checkKey;
      return answer(context.req.raw, path, parts.report, (request, seen) => {
        check?.(request);
        return dispatch(route, request, seen, context.req.param('name'), parts);
      });
    });
  api.notFound((context) =>
    answer(context.req.raw, '*', parts.report, () => {
      throw new Problem(
        'NotFound',
        'there is nothing at this path; GET /openapi.json has the paths there are',
      );
    }),
  );
  return api;
};

const allowing = (origins: readonly string[]) =>
  cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['Authorization', 'Content-Type', 'X-Request-Id'],
    exposeHeaders: ['Retry-After', 'X-Model', 'X-Request-Id'],
    maxAge: 7_200,
  });

const routesOf = (parts: PredictParts): Readonly<Record<string, Route>> => {
  const { limits, metrics } = parts;
  const { catalogue: given } = parts;
  const catalogue = typeof given === 'function' ? given : () => given;
  const models = servedModels(parts.models, catalogue, parts.answered);
  const descriptions = modelDescriptions(catalogue, models, limits);
  const client = { models, limits };
  const pipeline = huggingFace(client);
  return {
    '/': { GET: index(descriptions, parts.page ?? true), POST: pipeline, isOpen: true, lists: true },
    '/models': { GET: () => jsonResponse(descriptions.all()), lists: true },
    '/models/:name': {
      GET: (_, __, name) => jsonResponse(descriptions.one(models.find(name))),
      POST: pipeline,
      lists: true,
    },
    '/predict': { GET: query(client), POST: textEmbeddingsInference(client) },
    '/invocations': { POST: sageMaker(client) },
    '/ping': { GET: health(parts, 'Backend'), isOpen: true },
    '/health': { GET: health(parts, 'Unhealthy'), isOpen: true },
    '/info': { GET: () => jsonResponse(descriptions.info(VERSION)) },
    '/openapi.json': { GET: openApiResponse, isOpen: true },
    ...(metrics !== undefined && { '/metrics': { GET: () => metricsResponse(metrics()) } }),
  };
};

const metricsResponse = (text: string): Response =>
  new Response(text, { headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' } });

/** Where models change, a request that names one which was not known is handled once more when it is. */
const dispatch = async (
  route: Route,
  request: Request,
  seen: Seen,
  name: string | undefined,
  { models: { renew }, discover }: Pick<PredictParts, 'models' | 'discover'>,
): Promise<Response> => {
  if (renew === undefined) return handle(route, request, seen, name);
  await renew();
  if (route.lists && request.method !== 'POST') await discover?.();
  const again = request.clone();
  const first = await settled(() => handle(route, request, seen, name));
  if (await renew()) return handle(route, again, Object.assign(seen, { models: [], texts: 0 }), name);
  return first();
};

/** @returns what gives the result of work, or throws its error */
const settled = async <Result>(work: () => Result | Promise<Result>): Promise<() => Result> => {
  try {
    const result = await work();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
};

const handle = (route: Route, request: Request, seen: Seen, name?: string): Response | Promise<Response> => {
  const { method } = request;
  if (method === 'POST' && route.POST !== undefined) return route.POST(request, seen, name);
  if ((method === 'GET' || method === 'HEAD') && route.GET !== undefined)
    return route.GET(request, seen, name);
  const allowed = [...(route.GET ? ['GET', 'HEAD'] : []), ...(route.POST ? ['POST'] : []), 'OPTIONS'].join(
    ', ',
  );
  if (method === 'OPTIONS') return new Response(null, { status: 204, headers: { Allow: allowed } });
  throw new Problem('MethodNotAllowed', `the methods of this path are ${allowed}`, {
    headers: { Allow: allowed },
  });
};

/** An id of a request that can be repeated in an answer. */
const REQUEST_ID = /^[\w.:=+/-]{1,128}$/;

/** The answer to a request, also where that is a problem, and the report of it. */
const answer = async (
  request: Request,
  route: string,
  report: RequestReport | undefined,
  handle: (request: Request, seen: Seen) => Response | Promise<Response>,
): Promise<Response> => {
  const from = performance.now();
  const seen: Seen = { models: [], texts: 0 };
  let failure: string | undefined;
  let response: Response;
  try {
    response = await handle(request, seen);
  } catch (error) {
    const problem = toProblem(error);
    failure = failureOf(problem);
    response = problemResponse(problem);
  }
  const id = request.headers.get('x-request-id');
  if (id !== null && REQUEST_ID.test(id)) response.headers.set('X-Request-Id', id);
  report?.({
    ...{ method: request.method, route, status: response.status, ...seen, ms: performance.now() - from },
    ...(failure !== undefined && { failure }),
  });
  return response;
};
