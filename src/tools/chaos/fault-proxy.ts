import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, NextFault } from './faults.ts';
import { partialCall } from './partial-answers.ts';

export interface FaultProxyOptions {
  readonly nextFault: NextFault;
  /** How long a `delayed` or `late` call waits, in ms. */
  readonly delayMs?: number;
  /** Receives every call that is made. */
  readonly onCall?: (operation: string, body: Buffer, headers: IncomingHttpHeaders) => void;
  /** Receives every call that reaches the service. */
  readonly onForward?: (operation: string, body: Buffer) => void;
}

export interface FaultProxy {
  readonly endpoint: string;
  /** Resolves when every `late` call has reached the service. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const bytesOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const json = (status: number, value: object): Answer => ({
  status,
  body: Buffer.from(JSON.stringify(value)),
});

/** The two names that services give to the same thing take turns. */
const throttledAnswer = (service: string, call: number): Answer => {
  const name = call % 2 === 0 ? 'ThrottlingException' : 'ProvisionedThroughputExceededException';
  return json(400, { __type: `com.amazonaws.${service}#${name}`, message: 'Rate exceeded' });
};

const internalAnswer = (service: string): Answer =>
  json(500, { __type: `com.amazonaws.${service}#InternalServerError`, message: 'Internal server error' });

/**
 * An HTTP proxy in front of one AWS service that speaks AWS's JSON protocol, or its emulator: passes calls on, except
 * where `nextFault` returns a fault. Connections are kept open on both sides. It runs in this process: a call takes a
 * tenth of the time of an emulator.
 *
 * @param endpoint where the service listens
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
 */
export const startFaultProxy = async (
  endpoint: string,
  { nextFault, delayMs = 5, onCall, onForward }: FaultProxyOptions,
): Promise<FaultProxy> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const { hostname, port } = new URL(endpoint);
  const late = new Set<Promise<unknown>>();
  let throttled = 0;

  const forward = async (incoming: IncomingMessage, operation: string, body: Buffer): Promise<Answer> => {
    onForward?.(operation, body);
    // The connections are the proxy's own, and a partial request has another length.
    const { connection: _, 'transfer-encoding': __, ...headers } = incoming.headers;
    const outgoing = httpRequest({
      ...{ hostname, port, agent, method: incoming.method, path: incoming.url },
      headers: { ...headers, 'content-length': body.length },
    });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: answer.statusCode ?? 500, body: await bytesOf(answer) };
  };

  const forwardPart = async (incoming: IncomingMessage, operation: string, body: Buffer): Promise<Answer> => {
    const part = partialCall(operation, JSON.parse(body.toString()));
    if (part === undefined) return forward(incoming, operation, body);
    if (part.request === undefined) return json(200, part.answer({}));
    const answer = await forward(incoming, operation, Buffer.from(JSON.stringify(part.request)));
    return answer.status === 200 ? json(200, part.answer(JSON.parse(answer.body.toString()))) : answer;
  };

  /** The answer to a call; undefined where the connection breaks. */
  const answerTo = async (
    fault: Fault | undefined,
    incoming: IncomingMessage,
    target: string,
    body: Buffer,
  ): Promise<Answer | undefined> => {
    const operation = target.split('.')[1] ?? '';
    const service = target.startsWith('Kinesis') ? 'kinesis.v20131202' : 'dynamodb.v20120810';
    switch (fault) {
      case undefined:
        return forward(incoming, operation, body);
      case 'throttled':
        throttled += 1;
        return throttledAnswer(service, throttled);
      case 'internal':
        return internalAnswer(service);
      case 'dropped':
        return undefined;
      case 'droppedAfter':
        await forward(incoming, operation, body);
        return undefined;
      case 'late': {
        const done = sleep(delayMs).then(() => forward(incoming, operation, body));
        late.add(done);
        void done.finally(() => late.delete(done)).catch(() => undefined);
        return undefined;
      }
      case 'delayed':
        await sleep(delayMs);
        return forward(incoming, operation, body);
      case 'unprocessed':
      case 'statement':
        return forwardPart(incoming, operation, body);
    }
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bytesOf(incoming);
    const target = String(incoming.headers['x-amz-target'] ?? '');
    const operation = target.split('.')[1] ?? '';
    onCall?.(operation, body, incoming.headers);
    const answer = await answerTo(nextFault(operation), incoming, target, body);
    if (answer === undefined) {
      incoming.socket.destroy();
      return;
    }
    const type = incoming.headers['content-type'] ?? 'application/x-amz-json-1.0';
    response.writeHead(answer.status, { 'content-type': type, 'content-length': answer.body.length });
    response.end(answer.body);
  };

  const server = createServer((incoming, response) => {
    // If the caller or the service ends, the connection breaks, as it does without a proxy.
    serve(incoming, response).catch(() => incoming.socket.destroy());
  });
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Like an emulator, it does not keep the process running.
  server.unref();
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    settled: async () => {
      await Promise.allSettled(late);
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
};
