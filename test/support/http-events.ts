import type { LambdaEvent } from 'hono/aws-lambda';

/** An HTTP request, as a client sends it. */
export interface SentRequest {
  readonly method?: string;
  readonly path?: string;
  /** Encoded: `text=a%20b&top_k=2` */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
  /** A stage with a name, of an HTTP API. */
  readonly stage?: string;
}

/** What Lambda gets of a request, by where it came in. */
type ToEvent = (request: SentRequest) => LambdaEvent;

/** Which bodies are text to AWS; without a content type they are not. */
const isText = (type: string): boolean => /^(text\/|application\/(json|xml|javascript)\b)/.test(type);

/** Lower case, as AWS hands them over in payload 2.0; several values of a name are one, with commas. */
const joined = ({ headers = {} }: SentRequest): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name.toLowerCase(), [values].flat().join(',')]),
  );

const bodyOf = (request: SentRequest) => {
  const { body, headers = {} } = request;
  if (body === undefined) return { body: null, isBase64Encoded: false };
  const type = joined(request)['content-type'] ?? '';
  const encoded = Object.keys(headers).some((name) => name.toLowerCase() === 'content-encoding');
  if (typeof body === 'string' && isText(type) && !encoded) return { body, isBase64Encoded: false };
  return { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
};

const payload2 =
  (domainName: string): ToEvent =>
  (request) => {
    const { method = 'POST', path = '/', query = '', stage = '$default' } = request;
    const rawPath = stage === '$default' ? path : `/${stage}${path}`;
    const { body, ...encoding } = bodyOf(request);
    return {
      version: '2.0',
      routeKey: '$default',
      rawPath,
      rawQueryString: query,
      headers: { host: domainName, ...joined(request) },
      requestContext: {
        accountId: '123456789012',
        apiId: 'api',
        authentication: null,
        authorizer: {},
        domainName,
        domainPrefix: 'api',
        http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
        requestId: 'request',
        routeKey: '$default',
        stage,
        time: '28/Nov/2026:00:00:00 +0000',
        timeEpoch: 0,
      },
      ...(body !== null && { body }),
      ...encoding,
    } as unknown as LambdaEvent;
  };

const listed = ({ headers = {} }: SentRequest): Record<string, string[]> =>
  Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, [values].flat()]));

const lastOf = (lists: Record<string, string[]>): Record<string, string> =>
  Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values.at(-1) ?? '']));

/** REST APIs decode the query; load balancers do not. */
const queryLists = ({ query = '' }: SentRequest, isDecoded: boolean): Record<string, string[]> | null => {
  if (query === '') return null;
  const lists: Record<string, string[]> = {};
  for (const pair of query.split('&')) {
    const [name = '', value = ''] = pair
      .split('=')
      .map((part) => (isDecoded ? decodeURIComponent(part) : part));
    (lists[name] ??= []).push(value);
  }
  return lists;
};

const restApi: ToEvent = (request) => {
  const { method = 'POST', path = '/', stage = 'prod' } = request;
  const headers = { Host: 'api.execute-api.us-east-1.amazonaws.com', ...listed(request) };
  const lists: Record<string, string[]> = Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, [values].flat()]),
  );
  const query = queryLists(request, true);
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers: lastOf(lists),
    multiValueHeaders: lists,
    queryStringParameters: query && lastOf(query),
    multiValueQueryStringParameters: query,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: '123456789012',
      httpMethod: method,
      path: `/${stage}${path}`,
      protocol: 'HTTP/1.1',
      requestId: 'request',
      resourcePath: '/{proxy+}',
      stage,
      identity: { sourceIp: '192.0.2.1' },
    },
    ...bodyOf(request),
  } as unknown as LambdaEvent;
};

const loadBalancer =
  ({ multiValue }: { readonly multiValue: boolean }): ToEvent =>
  (request) => {
    const { method = 'POST', path = '/' } = request;
    const lists: Record<string, string[]> = { host: ['lb.example.com'], 'x-forwarded-for': ['192.0.2.1'] };
    for (const [name, values] of Object.entries(listed(request))) lists[name.toLowerCase()] = values;
    const query = queryLists(request, false) ?? {};
    const { body, isBase64Encoded } = bodyOf(request);
    return {
      requestContext: {
        elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/x/y' },
      },
      httpMethod: method,
      path,
      ...(multiValue
        ? { multiValueHeaders: lists, multiValueQueryStringParameters: query }
        : { headers: lastOf(lists), queryStringParameters: lastOf(query) }),
      body: body ?? '',
      isBase64Encoded,
    };
  };

/** The event of a request, by what Lambda stands behind. */
export const HTTP_EVENTS = {
  'an HTTP API': payload2('api.execute-api.us-east-1.amazonaws.com'),
  'a Function URL': payload2('abc.lambda-url.us-east-1.on.aws'),
  'a REST API': restApi,
  'a load balancer': loadBalancer({ multiValue: false }),
  'a load balancer with multi-value headers': loadBalancer({ multiValue: true }),
} as const satisfies Record<string, ToEvent>;

export type HttpDoor = keyof typeof HTTP_EVENTS;

export const HTTP_DOORS = Object.keys(HTTP_EVENTS) as HttpDoor[];

/** An answer as Lambda's caller would read it. */
export interface ReadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64: boolean;
}

/** @param result what the function returned @throws Error where it has another shape than the event's sender takes */
export const readAnswer = (door: HttpDoor, result: unknown): ReadAnswer => {
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = result as Readonly<
    Record<string, unknown>
  >;
  const wantsLists = door === 'a REST API' || door === 'a load balancer with multi-value headers';
  if (wantsLists !== (multiValueHeaders !== undefined) || wantsLists === (headers !== undefined))
    throw new Error(`${door} takes ${wantsLists ? 'multiValueHeaders' : 'headers'}`);
  if (typeof statusCode !== 'number' || typeof body !== 'string' || typeof isBase64Encoded !== 'boolean')
    throw new Error(`${door} takes statusCode, body and isBase64Encoded`);
  const flat = Object.entries((wantsLists ? multiValueHeaders : headers) as object).map(([name, value]) => {
    if (Array.isArray(value) !== wantsLists) throw new Error(`${door} does not take the header ${name} so`);
    return [name, String(value)];
  });
  return {
    status: statusCode,
    headers: Object.fromEntries(flat),
    body: isBase64Encoded ? Buffer.from(body, 'base64').toString() : body,
    isBase64: isBase64Encoded,
  };
};
