import type * as z from 'zod';
import { type Example, type Examples, examples } from './examples.ts';
import { componentSchemas, refTo, schemas } from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

/** The errors of a path: status → when. All bear the same schema. */
const WHEN = {
  400: 'The body is not JSON, not UTF-8, or not what Content-Encoding says.',
  401: 'The API has a key, and the request does not bear it.',
  404: 'There is no such model.',
  413: 'The body has more bytes than the limit.',
  415: 'The type, charset or encoding of the body is none that is read.',
  422: 'The content of the request is at fault; `errors` says where. Limits are named with their number.',
  429: 'Too much is waiting already: try again after the seconds in `Retry-After`.',
  500: 'The server or the model failed.',
  503: 'The default model cannot be loaded, or the server is about to stop.',
} as const;

type ErrorStatus = keyof typeof WHEN;

const OF_PREDICTIONS: readonly ErrorStatus[] = [400, 401, 404, 413, 415, 422, 429, 500];

/** `GET` has neither a body nor a type. */
const OF_QUERIES: readonly ErrorStatus[] = [400, 401, 404, 422, 429, 500];

const PROBLEM = 'application/problem+json';

const named = (all: Examples, value: (example: Example) => unknown): Json =>
  Object.fromEntries(
    Object.entries(all).map(([name, example]) => [name, { summary: example.summary, value: value(example) }]),
  );

const ofStatus = (all: Examples, status: number): Examples =>
  Object.fromEntries(Object.entries(all).filter(([, example]) => example.status === status));

const withExamples = (content: Json, all: Examples, value: (example: Example) => unknown): Json =>
  Object.keys(all).length === 0 ? content : { ...content, examples: named(all, value) };

const errorResponse = (status: ErrorStatus, all: Examples): Json => ({
  description: WHEN[status],
  ...(status === 429 && {
    headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } } },
  }),
  ...(status === 401 && { headers: { 'WWW-Authenticate': { schema: { const: 'Bearer' } } } }),
  content: { [PROBLEM]: withExamples({ schema: refTo(schemas.problem) }, all, ({ answer }) => answer) },
});

/** A response without examples of its own is one of all. */
const errorResponses = (statuses: readonly ErrorStatus[], all: Examples): Json =>
  Object.fromEntries(
    statuses.map((status) => {
      const own = ofStatus(all, status);
      const isCommon = Object.keys(own).length === 0;
      return [status, isCommon ? { $ref: `#/components/responses/${status}` } : errorResponse(status, own)];
    }),
  );

const commonResponses = (): Json =>
  Object.fromEntries(
    (Object.keys(WHEN) as unknown as readonly ErrorStatus[]).map((status) => [
      status,
      errorResponse(Number(status) as ErrorStatus, {}),
    ]),
  );

const MODEL_HEADER = {
  'X-Model': {
    description: 'The model that answered, `name@version`; several where lines ask several.',
    schema: { type: 'string' },
  },
};

/** A body in JSON. */
const jsonBody = (schema: z.ZodType, all: Examples): Json => ({
  'application/json': withExamples({ schema: refTo(schema) }, all, ({ request }) => request),
});

const answered = (schema: z.ZodType, all: Examples, description: string): Json => ({
  description,
  headers: MODEL_HEADER,
  content: {
    'application/json': withExamples({ schema: refTo(schema) }, ofStatus(all, 200), ({ answer }) => answer),
  },
});

interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly request: z.ZodType;
  readonly response: z.ZodType;
  readonly examples: Examples;
  readonly parameters?: readonly Json[];
}

const prediction = ({ id, summary, request, response, examples: all, parameters }: Operation): Json => ({
  operationId: id,
  summary,
  tags: ['predictions'],
  ...(parameters && { parameters }),
  requestBody: { required: true, content: jsonBody(request, all) },
  responses: {
    200: answered(response, all, 'What the model says of each text.'),
    ...errorResponses(OF_PREDICTIONS, all),
  },
});

const parameter = (
  place: 'path' | 'query',
  name: string,
  schema: Json,
  description: string,
  all: Examples,
): Json => {
  const given = Object.fromEntries(
    Object.entries(all).filter(([, { parameters = {} }]) => name in parameters),
  );
  return {
    ...{ name, in: place, required: place === 'path' || name === 'text', description, schema },
    ...(Object.keys(given).length > 0 && { examples: named(given, ({ parameters }) => parameters?.[name]) }),
  };
};

const nameParameter = (all: Examples): Json =>
  parameter(
    'path',
    'name',
    { type: 'string' },
    'The model: `name`, its highest version, or `name@version`.',
    all,
  );

const query: Json = {
  operationId: 'predictByQuery',
  summary: 'The labels of one text, for people with a browser',
  tags: ['predictions'],
  parameters: [
    parameter('query', 'text', { type: 'string' }, 'The text.', examples.query),
    parameter('query', 'text_pair', { type: 'string' }, 'The second text of a pair.', examples.query),
    parameter(
      'query',
      'model',
      { type: 'string' },
      'The model; the default one if left out.',
      examples.query,
    ),
    parameter(
      'query',
      'top_k',
      { oneOf: [{ type: 'integer', minimum: 1 }, { const: 'null' }] },
      "How many labels; `null`: all. The model's own number if left out.",
      examples.query,
    ),
    parameter(
      'query',
      'function_to_apply',
      { enum: ['none', 'softmax', 'sigmoid'] },
      "Instead of the model's own function.",
      examples.query,
    ),
  ],
  responses: {
    200: answered(schemas.flatAnswer, examples.query, 'The labels, most probable first.'),
    ...errorResponses(OF_QUERIES, examples.query),
  },
};

const LINES = 'One line for each line of the body: labels, or an error.';

const lineExamples = (all: Examples): Json =>
  named(all, ({ answer }) =>
    (answer as readonly unknown[]).map((line) => `${JSON.stringify(line)}\n`).join(''),
  );

const invocations: Json = {
  operationId: 'invoke',
  summary: "As SageMaker's endpoints and batch transforms ask",
  description:
    'Of `text/csv` the first column is the text, the second, if there is one, the second text of a pair; with `header=present` in Content-Type the first line names the columns. With `Accept: text/csv` the answer is CSV: `label,score` of each label, or an error in the third column.',
  tags: ['predictions'],
  requestBody: {
    required: true,
    content: {
      ...jsonBody(schemas.pipelineRequest, examples.invocations),
      'application/jsonlines': {
        schema: { type: 'string' },
        examples: named(examples.jsonLines, ({ request }) => request),
      },
      'text/csv': { schema: { type: 'string' }, examples: named(examples.csv, ({ request }) => request) },
    },
  },
  responses: {
    200: {
      description: `What the model says of each text. ${LINES}`,
      headers: MODEL_HEADER,
      content: {
        'application/json': {
          schema: refTo(schemas.flatAnswer),
          examples: named(examples.invocations, ({ answer }) => answer),
        },
        'application/jsonlines': {
          schema: { type: 'string' },
          examples: { ...lineExamples(examples.jsonLines), ...lineExamples(examples.csv) },
        },
        'text/csv': { schema: { type: 'string' } },
      },
    },
    ...errorResponses(OF_PREDICTIONS, {}),
  },
};

interface Page {
  readonly id: string;
  readonly summary: string;
  readonly schema: z.ZodType;
  readonly errors?: readonly ErrorStatus[];
  readonly examples?: Examples;
  readonly parameters?: readonly Json[];
  /** No key is needed. */
  readonly isOpen?: boolean;
}

const reading = ({
  id,
  summary,
  schema,
  errors = [],
  examples: all = {},
  parameters,
  isOpen = false,
}: Page): Json => ({
  operationId: id,
  summary,
  tags: ['service'],
  ...(isOpen && { security: [] }),
  ...(parameters && { parameters }),
  responses: {
    200: {
      description: summary,
      content: {
        'application/json': withExamples(
          { schema: refTo(schema) },
          ofStatus(all, 200),
          ({ answer }) => answer,
        ),
      },
    },
    ...errorResponses(isOpen ? errors : [401, ...errors], all),
  },
});

const paths: Json = {
  '/': {
    get: {
      operationId: 'index',
      summary: 'A page to try the models on, for browsers; the names of the models for all else',
      tags: ['service'],
      security: [],
      responses: {
        200: {
          description: 'The page, or the index.',
          content: {
            'application/json': { schema: refTo(schemas.index) },
            'text/html': { schema: { type: 'string' } },
          },
        },
      },
    },
    post: prediction({
      id: 'predictWithModelInBody',
      summary: "As Hugging Face's inference clients ask",
      request: schemas.pipelineRequest,
      response: schemas.pipelineAnswer,
      examples: examples.root,
    }),
  },
  '/models': { get: reading({ id: 'listModels', summary: 'The models', schema: schemas.models }) },
  '/models/{name}': {
    get: reading({
      id: 'describeModel',
      summary: 'A model',
      schema: schemas.describedModel,
      errors: [404],
      examples: examples.unknownModel,
      parameters: [nameParameter(examples.unknownModel)],
    }),
    post: prediction({
      id: 'predictWithModel',
      summary: "As Hugging Face's inference clients ask, of one model",
      request: schemas.pipelineRequest,
      response: schemas.pipelineAnswer,
      examples: examples.model,
      parameters: [nameParameter(examples.model)],
    }),
  },
  '/predict': {
    get: query,
    post: prediction({
      id: 'predictFlat',
      summary: 'As clients of Text Embeddings Inference ask: all labels, flat for one text',
      request: schemas.teiRequest,
      response: schemas.flatAnswer,
      examples: examples.tei,
    }),
  },
  '/invocations': { post: invocations },
  '/ping': {
    get: reading({
      id: 'ping',
      summary: 'Whether it is ready, as SageMaker asks',
      schema: schemas.health,
      errors: [500],
      examples: examples.ping,
      isOpen: true,
    }),
  },
  '/health': {
    get: reading({
      id: 'health',
      summary: 'Whether it is ready',
      schema: schemas.health,
      errors: [503],
      examples: examples.ping,
      isOpen: true,
    }),
  },
  '/info': {
    get: reading({
      id: 'info',
      summary: 'The default model, as Text Embeddings Inference describes it',
      schema: schemas.info,
    }),
  },
  '/metrics': {
    get: {
      operationId: 'metrics',
      summary: 'Metrics for Prometheus, where the server runs in a container',
      tags: ['service'],
      responses: {
        200: { description: 'The metrics.', content: { 'text/plain': { schema: { type: 'string' } } } },
        ...errorResponses([401], {}),
        404: {
          description: 'There are no metrics here.',
          content: { [PROBLEM]: { schema: refTo(schemas.problem) } },
        },
      },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'openapi',
      summary: 'This document',
      tags: ['service'],
      security: [],
      responses: {
        200: {
          description: 'The document.',
          content: { 'application/json': { schema: { type: 'object' } } },
        },
      },
    },
  },
};

/**
 * The API in OpenAPI 3.1.
 *
 * @param version of the API
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export const openApiDocument = (version: string): Json => ({
  openapi: '3.1.1',
  info: {
    title: 'labelstream',
    version,
    description:
      'Labels of texts, by the models behind a stream, with the same scores as there. Every path answers HEAD and OPTIONS as well, and another method with 405 and `Allow`.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '.', description: 'Where this document is.' }],
  // The first is for an API without a key, or behind a door that asks for credentials of its own.
  security: [{}, { key: [] }],
  tags: [
    { name: 'predictions', description: 'Labels of texts.' },
    { name: 'service', description: 'What there is, and how it is.' },
  ],
  paths,
  components: {
    securitySchemes: {
      key: { type: 'http', scheme: 'bearer', description: 'The key of the API, or a JWT.' },
    },
    responses: commonResponses(),
    schemas: componentSchemas(),
  },
});
