import { Agent, request } from 'node:http';
import { must } from '../errors.ts';

/** An invocation, as the Runtime API hands it over. */
export interface Invocation {
  readonly requestId: string;
  /** The event as JSON. */
  readonly body: string;
  /** When it must have been answered, in milliseconds since 1970. */
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string | undefined;
  readonly tenantId: string | undefined;
  /** JSON of clients that send it. */
  readonly clientContext: string | undefined;
  readonly identity: string | undefined;
}

/** An error as Lambda takes it, and its invoker sees it. */
export interface ReportedError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace: readonly string[];
}

/** What a Lambda environment offers the program that handles its invocations. */
export interface RuntimeApi {
  /** Waits for the next invocation, for hours if need be. */
  next(): Promise<Invocation>;
  respond(requestId: string, body: string): Promise<void>;
  /** Reports that an invocation failed. */
  fail(requestId: string, error: ReportedError): Promise<void>;
  /** Reports that there will be none. */
  failInit(error: ReportedError): Promise<void>;
}

/** The answer is larger than Lambda takes. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const TOO_LARGE = 413;

/**
 * The client of the Runtime API.
 *
 * @param address `host:port`, the value of `AWS_LAMBDA_RUNTIME_API`
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export const runtimeApi = (address: string): RuntimeApi => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  const call = (method: 'GET' | 'POST', path: string, body?: string, errorType?: string) =>
    new Promise<{ readonly status: number; readonly headers: Headers; readonly body: string }>(
      (resolve, reject) => {
        const asked = request(`http://${address}/2018-06-01/runtime/${path}`, {
          method,
          agent,
          headers: {
            ...(body !== undefined && { 'Content-Type': 'application/json' }),
            ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }),
            ...(errorType !== undefined && { 'Lambda-Runtime-Function-Error-Type': errorType }),
          },
        });
        asked.on('error', reject);
        asked.on('response', (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers as Headers,
              body: Buffer.concat(chunks).toString(),
            }),
          );
        });
        asked.end(body);
      },
    );

  const post = async (path: string, body: string, errorType?: string): Promise<number> => {
    const { status } = await call('POST', path, body, errorType);
    if (status >= 300 && status !== TOO_LARGE)
      throw new Error(`Lambda's Runtime API refused ${path}: ${status}`);
    return status;
  };

  const fail = async (requestId: string, error: ReportedError): Promise<void> => {
    await post(`invocation/${requestId}/error`, JSON.stringify(error), error.errorType);
  };

  return {
    next: async () => {
      const { status, headers, body } = await call('GET', 'invocation/next');
      if (status !== 200) throw new Error(`Lambda's Runtime API gave no invocation: ${status}`);
      const header = (name: string) =>
        must(headers[`lambda-runtime-${name}`], `header ${name} of an invocation`);
      return {
        requestId: header('aws-request-id'),
        body,
        deadlineMs: Number(header('deadline-ms')),
        functionArn: header('invoked-function-arn'),
        traceId: headers['lambda-runtime-trace-id'],
        tenantId: headers['lambda-runtime-aws-tenant-id'],
        clientContext: headers['lambda-runtime-client-context'],
        identity: headers['lambda-runtime-cognito-identity'],
      };
    },
    respond: async (requestId, body) => {
      if ((await post(`invocation/${requestId}/response`, body)) !== TOO_LARGE) return;
      const errorMessage = `Response payload size (${Buffer.byteLength(body)} bytes) exceeded maximum allowed payload size.`;
      await fail(requestId, { errorType: 'Function.ResponseSizeTooLarge', errorMessage, stackTrace: [] });
    },
    fail,
    failInit: async (error) => {
      await post('init/error', JSON.stringify(error), error.errorType);
    },
  };
};

type Headers = Readonly<Record<string, string | undefined>>;
