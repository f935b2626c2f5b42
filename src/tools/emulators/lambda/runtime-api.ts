import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An error as a function's invoker sees it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace?: readonly string[];
}

/** The result of an invocation: the handler's answer or an error, and its time by `performance.now()`. */
export type Outcome = { readonly at: number } & (
  { readonly payload: unknown } | { readonly functionError: FunctionError }
);

export interface Invocation {
  readonly requestId: string;
  /** The event as JSON. */
  readonly body: Buffer;
  /** When the function must have answered, in milliseconds since 1970. */
  readonly deadlineMs: number;
}

/** The Runtime API of one execution environment. */
export interface RuntimeApi {
  /** `host:port`, the value of `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  /** Resolves at the environment's first request for an invocation, or with the error of its init phase. */
  readonly initialised: Promise<FunctionError | undefined>;
  /** Hands over an invocation; resolves when it is answered and the environment has asked for the next one. */
  invoke(invocation: Invocation): Promise<Outcome>;
  /** Ends the invocation in progress, with its answer if one came, else with this error. */
  abandon(error: FunctionError): void;
  close(): void;
}

/** The limit of a synchronous invocation's event and answer, in bytes. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const answered = (kind: string, body: Buffer): Outcome => {
  const at = performance.now();
  if (body.length > MAX_PAYLOAD_BYTES) {
    const errorMessage = `Response payload size (${body.length} bytes) exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`;
    return { at, functionError: { errorType: 'Function.ResponseSizeTooLarge', errorMessage } };
  }
  const parsed: unknown = JSON.parse(body.toString());
  return kind === 'response' ? { at, payload: parsed } : { at, functionError: parsed as FunctionError };
};

/**
 * Serves the Lambda Runtime API to one environment on a loopback port of its own: a runtime client only has a host and
 * a port, so the port identifies the environment.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export const startRuntimeApi = async (functionArn: string): Promise<RuntimeApi> => {
  const { promise: initialised, resolve: initialise } = Promise.withResolvers<FunctionError | undefined>();
  let parked: ServerResponse | undefined;
  let current: { invocation: Invocation; resolve: (outcome: Outcome) => void; outcome?: Outcome } | undefined;

  const next = (response: ServerResponse): void => {
    initialise(undefined);
    const finished = current;
    current = undefined;
    parked = response;
    if (finished?.outcome) finished.resolve(finished.outcome);
  };

  const post = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, , , scope, id, kind] = (request.url ?? '').split('/');
    const body = await readBody(request);
    const known = scope === 'init' || (scope === 'invocation' && current?.invocation.requestId === id);
    if (scope === 'init') initialise(JSON.parse(body.toString()) as FunctionError);
    else if (known && current) current.outcome = answered(kind ?? 'error', body);
    response.writeHead(known ? 202 : 400, { 'content-type': 'application/json' });
    response.end(known ? '{"status":"OK"}' : '{"errorType":"InvalidRequestID"}');
  };

  const server = createServer((request, response) => {
    if (request.method === 'GET') return next(response);
    // A client that ends during a request is reported by the exit of its process, not here.
    post(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    initialised,
    invoke: (invocation) =>
      new Promise((resolve) => {
        current = { invocation, resolve };
        parked?.writeHead(200, {
          'content-type': 'application/json',
          'content-length': invocation.body.length,
          'lambda-runtime-aws-request-id': invocation.requestId,
          'lambda-runtime-deadline-ms': invocation.deadlineMs,
          'lambda-runtime-invoked-function-arn': functionArn,
        });
        parked?.end(invocation.body);
        parked = undefined;
      }),
    abandon: (functionError) => {
      initialise(functionError);
      current?.resolve(current.outcome ?? { at: performance.now(), functionError });
      current = undefined;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
