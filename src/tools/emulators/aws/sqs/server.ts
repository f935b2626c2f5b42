import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_REGION } from '../../../serverless-yml/region.ts';
import { SqsError } from './errors.ts';
import type { Input } from './input.ts';
import { OPERATIONS } from './operations.ts';
import type { Queue } from './queue.ts';

/** What happens to a request: the status that it fails with, or a connection that breaks before or after it is done. */
export type SqsFault = 500 | 503 | 'dropped' | 'droppedAfter';

export interface EmbeddedSqsOptions {
  /** How long a second of visibility timeouts and delays takes, in ms: a local run need not wait for them. */
  readonly secondMs?: number;
  /** Decides about a request, by its operation, before it is served. */
  readonly nextFault?: (operation: string) => SqsFault | undefined;
}

export interface EmbeddedSqs {
  readonly endpoint: string;
  /** Ends the server; all messages go with it. May be called again. */
  stop(): Promise<void>;
}

const TARGET = 'AmazonSQS.';

const inputOf = async (incoming: IncomingMessage): Promise<Input> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Input;
};

/** The Region in the scope of a signature, which is not verified. */
const regionOf = (authorization = ''): string =>
  /Credential=[^/]+\/\d+\/([^/]+)\//.exec(authorization)?.[1] ?? DEFAULT_REGION;

/**
 * An SQS of standard queues on a port of this machine, in memory, without permissions: visibility timeouts, delays, long
 * polling and dead-letter queues, in the JSON protocol of today's SDKs.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html
 */
export const startSqs = async ({
  secondMs = 1_000,
  nextFault = () => undefined,
}: EmbeddedSqsOptions = {}): Promise<EmbeddedSqs> => {
  const world = { queues: new Map<string, Queue>(), secondMs, endpoint: () => endpoint };

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const operation = String(incoming.headers['x-amz-target'] ?? '').replace(TARGET, '');
    const input = await inputOf(incoming);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const reply = (status: number, body: object, headers = {}): void => {
      const text = JSON.stringify(body);
      response.writeHead(status, {
        'content-type': 'application/x-amz-json-1.0',
        'content-length': Buffer.byteLength(text),
        'x-amzn-requestid': randomUUID(),
        ...headers,
      });
      response.end(text);
    };
    const fault = nextFault(operation);
    if (fault === 'dropped') return void incoming.socket.destroy();
    if (typeof fault === 'number') {
      return reply(fault, { __type: 'com.amazonaws.sqs#ServiceUnavailable', message: 'Service unavailable' });
    }
    try {
      const run = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
      if (run === undefined) {
        throw new SqsError('UnsupportedOperation', `The embedded SQS has no operation ${operation}`);
      }
      const region = regionOf(incoming.headers.authorization);
      const output = await run(world, { input, region, signal: gone.signal });
      if (fault === 'droppedAfter') return void incoming.socket.destroy();
      reply(200, output);
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      const { type, code, message } = error;
      const headers = { 'x-amzn-query-error': `${code};Sender` };
      reply(400, { __type: `com.amazonaws.sqs#${type}`, message }, headers);
    }
  };

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => incoming.socket.destroy());
  });
  // A server that closes idle connections resets a client that is just about to use one again.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
