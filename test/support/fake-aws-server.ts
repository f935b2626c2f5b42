import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A call of an AWS service. */
export interface AwsRequest {
  /** Of the URL: `2015-03-31`, `functions`, name … */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** The body, parsed; undefined where it is no JSON. */
  readonly body: unknown;
  readonly raw: Buffer;
  readonly headers: IncomingHttpHeaders;
}

/** An answer that is no JSON, of which the request may have asked for a range. */
export class AwsContent {
  readonly content: Buffer;

  constructor(content: Buffer) {
    this.content = content;
  }
}

/** An error as AWS answers with it. */
export class AwsRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Method and path of Lambda's and S3's calls. */
const ROUTES: readonly (readonly [operation: string, method: string, path: RegExp])[] = [
  ['GetFunctionConfiguration', 'GET', /\/functions\/[^/]+\/configuration$/],
  ['UpdateFunctionConfiguration', 'PUT', /\/functions\/[^/]+\/configuration$/],
  ['PublishVersion', 'POST', /\/functions\/[^/]+\/versions$/],
  ['ListVersionsByFunction', 'GET', /\/functions\/[^/]+\/versions$/],
  ['GetAlias', 'GET', /\/functions\/[^/]+\/aliases\/[^/]+$/],
  ['UpdateAlias', 'PUT', /\/functions\/[^/]+\/aliases\/[^/]+$/],
  ['Invoke', 'POST', /\/functions\/[^/]+\/invocations$/],
  ['DeleteFunction', 'DELETE', /\/functions\/[^/]+$/],
  ['ListLayerVersions', 'GET', /\/layers\/[^/]+\/versions$/],
  ['PublishLayerVersion', 'POST', /\/layers\/[^/]+\/versions$/],
  ['GetLayerVersion', 'GET', /\/layers\/[^/]+\/versions\/\d+$/],
  ['DeleteLayerVersion', 'DELETE', /\/layers\/[^/]+\/versions\/\d+$/],
  ['CloudFormation', 'POST', /^\/$/],
  ['PutObject', 'PUT', /^\/bucket\//],
  ['DeleteObject', 'DELETE', /^\/bucket\//],
  ['FetchLayer', 'GET', /^\/layer-content\/\d+$/],
];

/** CloudFormation knows one resource, the deployment bucket, and no stack of which it could say more. */
const cloudFormation = (parameters: URLSearchParams): { status: number; body: string } => {
  if (parameters.get('Action') === 'DescribeStackResource') {
    const detail = '<PhysicalResourceId>bucket</PhysicalResourceId>';
    const result = `<DescribeStackResourceResult><StackResourceDetail>${detail}</StackResourceDetail></DescribeStackResourceResult>`;
    return { status: 200, body: `<DescribeStackResourceResponse>${result}</DescribeStackResourceResponse>` };
  }
  const error = `<Code>ValidationError</Code><Message>Stack with id ${parameters.get('StackName')} does not exist</Message>`;
  return { status: 400, body: `<ErrorResponse><Error>${error}</Error></ErrorResponse>` };
};

/** Serves an emulated AWS on 127.0.0.1. @param answer what Lambda and S3 answer, or an AwsRefusal thrown */
export const serveAws = async (
  answer: (operation: string, request: AwsRequest) => Promise<unknown>,
): Promise<{ readonly url: string; close(): Promise<void> }> => {
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
      const raw = await buffer(request);
      const operation = ROUTES.find(
        ([, method, path]) => method === request.method && path.test(pathname),
      )?.[0];
      if (operation === 'CloudFormation') {
        const { status, body } = cloudFormation(new URLSearchParams(raw.toString()));
        response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
        return;
      }
      const path = pathname.split('/').slice(1).map(decodeURIComponent);
      const isJson = raw.length > 0 && !operation?.endsWith('Object');
      const body: unknown = isJson ? JSON.parse(raw.toString()) : undefined;
      try {
        if (operation === undefined) throw new AwsRefusal(404, 'UnknownOperation', String(request.url));
        const result = await answer(operation, { path, query, body, raw, headers: request.headers });
        if (result instanceof AwsContent) {
          const [, from = 0, to = 0] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
          response.writeHead(206).end(result.content.subarray(Number(from), Number(to) + 1));
          return;
        }
        const { headers = {}, answer: inner = result } = (result ?? {}) as {
          headers?: Record<string, string>;
          answer?: unknown;
        };
        response.writeHead(result === undefined ? 204 : 200, {
          'content-type': 'application/json',
          ...headers,
        });
        response.end(inner === undefined ? undefined : JSON.stringify(inner));
      } catch (error) {
        const { status, code, message } =
          error instanceof AwsRefusal ? error : new AwsRefusal(500, 'ServiceException', String(error));
        response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': code });
        response.end(JSON.stringify({ message }));
      }
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
