import { Validator } from '@seriousme/openapi-schema-validator';
import { must } from '../../src/errors.ts';
import document from '../../src/http/openapi.json' with { type: 'json' };
import packageJson from '../../package.json' with { type: 'json' };
import { openApiDocument } from '../../src/tools/build/openapi/document.ts';
import { type Example, type Examples, examples } from '../../src/tools/build/openapi/examples.ts';
import { schemas } from '../../src/tools/build/openapi/schemas.ts';
import { shippedParts, type TestApi, testApi } from '../support/predict-api.ts';

interface Media {
  readonly schema: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface Operation {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly examples?: Readonly<Record<string, { readonly value: string | number }>>;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, Media>> }>>;
}

type Responses = Operation['responses'];

/** Responses of all operations are referred to. */
const resolved = (responses: Responses): Responses =>
  Object.fromEntries(
    Object.entries(responses).map(([status, response]) => [
      status,
      '$ref' in response
        ? must((document.components.responses as unknown as Responses)[status], status)
        : response,
    ]),
  );

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods as unknown as Readonly<Record<string, Operation>>).map(([method, operation]) => ({
    path,
    method: method.toUpperCase(),
    operation: { ...operation, responses: resolved(operation.responses) },
  })),
);

/** Every answer in the document, with the request of the same name that gets it. */
const documented = operations.flatMap(({ path, method, operation }) =>
  Object.entries(operation.responses).flatMap(([status, { content }]) =>
    Object.entries(content).flatMap(([type, media]) =>
      Object.entries(media.examples ?? {}).map(([name, { value }]) => ({
        path,
        method,
        operation,
        name,
        answer: { status: Number(status), type, value },
      })),
    ),
  ),
);

/** The names of the requests in the document. */
const requested = operations.flatMap(({ path, method, operation: { parameters = [], requestBody } }) => {
  const bodies = Object.values(requestBody?.content ?? {}).flatMap((media) =>
    Object.keys(media.examples ?? {}),
  );
  const given = parameters.flatMap((parameter) => Object.keys(parameter.examples ?? {}));
  return [...new Set([...bodies, ...given])].map((name) => `${method} ${path} ${name}`);
});

const send = (api: TestApi, { path, method, operation, name }: (typeof documented)[number]) => {
  const given = (operation.parameters ?? []).flatMap((parameter) => {
    const value = parameter.examples?.[name]?.value;
    return value === undefined ? [] : [{ ...parameter, value: encodeURIComponent(value) }];
  });
  const filled = given
    .filter((parameter) => parameter.in === 'path')
    .reduce((to, parameter) => to.replace(`{${parameter.name}}`, parameter.value), path);
  const query = given.filter((one) => one.in === 'query').map((one) => `${one.name}=${one.value}`);
  const url = query.length === 0 ? filled : `${filled}?${query.join('&')}`;
  const [type, media] =
    Object.entries(operation.requestBody?.content ?? {}).find(
      ([, { examples: all }]) => all !== undefined && name in all,
    ) ?? [];
  if (type === undefined) return api.request(url, { method });
  return api.post(url, media?.examples?.[name]?.value, { 'Content-Type': type });
};

/** Scores to five digits: the last ones are those of the CPU. */
const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, each) =>
    typeof each === 'number' ? Number(each.toPrecision(5)) : each,
  );

const read = async (response: Response): Promise<unknown> => {
  const text = await response.text();
  return response.headers.get('Content-Type')?.includes('jsonlines')
    ? text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    : JSON.parse(text);
};

describe('the OpenAPI document', () => {
  it('is what `npm run openapi` writes now', () => {
    expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument(packageJson.version))));
  });

  it('is valid', async () => {
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true });
  });

  it('would not be valid with a response without a description', async () => {
    const broken = JSON.parse(
      JSON.stringify(document)
        .replace(/"description":"This document"/, '')
        .replace(/"responses":\{"200":\{"description":"The document\.",/, '"responses":{"200":{'),
    );
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  it('names only schemas that it has', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    const missing = refs
      .map(([, name = '']) => name)
      .filter((name) => !(name in document.components.schemas));
    expect(refs.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });

  it('has an operation id for each operation, and each once', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('says of every error that it is problem details', () => {
    const odd = operations.flatMap(({ operation }) =>
      Object.entries(operation.responses)
        .filter(([status, { content }]) => Number(status) >= 400 && !('application/problem+json' in content))
        .map(([status]) => `${operation.operationId} ${status}`),
    );
    expect(odd).toEqual([]);
  });

  it('has an answer for each example of a request', () => {
    const answers = documented.map(({ path, method, name }) => `${method} ${path} ${name}`);
    expect(requested.filter((name) => !answers.includes(name))).toEqual([]);
  });

  it('has examples that fit their schemas', () => {
    const check = (all: Examples, request: keyof typeof schemas, answer: keyof typeof schemas) => {
      for (const example of Object.values(all) as readonly Example[]) {
        if (example.status < 400) {
          if (example.request !== undefined) schemas[request].parse(example.request);
          schemas[answer].parse(example.answer);
        } else schemas.problem.parse(example.answer);
      }
    };
    check(examples.root, 'pipelineRequest', 'pipelineAnswer');
    check(examples.model, 'pipelineRequest', 'pipelineAnswer');
    check(examples.tei, 'teiRequest', 'flatAnswer');
    check(examples.query, 'pipelineRequest', 'flatAnswer');
    check(examples.invocations, 'pipelineRequest', 'flatAnswer');
  });
});

describe('the examples of the OpenAPI document', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = testApi(await shippedParts());
  });

  it.each(documented.map((one) => [`${one.method} ${one.path}`, one.name, one] as const))(
    '%s: %s gets the documented answer',
    async (_, __, one) => {
      const response = await send(api, one);
      const { status, type, value } = one.answer;
      expect(response.status).toBe(status);
      expect(response.headers.get('Content-Type')).toBe(type);
      const expected = type.includes('jsonlines')
        ? String(value)
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line))
        : value;
      expect(rounded(await read(response))).toEqual(rounded(expected));
    },
  );

  it('is what the API gives', async () => {
    expect(await (await api.request('/openapi.json')).json()).toEqual(document);
  });

  it.each([
    ['/models', 'models'],
    ['/models/banking77-cascade', 'describedModel'],
    ['/info', 'info'],
    ['/health', 'health'],
    ['/', 'index'],
  ] as const)('GET %s answers by its schema', async (path, schema) => {
    const body = await (await api.request(path)).json();
    expect(schemas[schema].parse(body)).toEqual(body);
  });

  it('names every path of the API', async () => {
    const paths = operations.map(({ path, method }) => ({
      path: path.replace('{name}', 'banking77-tfidf'),
      method,
    }));
    for (const { path, method } of paths.filter(({ path: one }) => one !== '/metrics')) {
      const response = await api.request(path, { method: 'OPTIONS' });
      expect([path, response.status, response.headers.get('Allow')?.split(', ')]).toEqual([
        path,
        204,
        expect.arrayContaining([method]),
      ]);
    }
  });
});
