import { once } from 'node:events';
import { type HttpServer, type ServerOptions, startServer } from '../../src/http/server.ts';
import { watchCaller } from '../../src/http/caller.ts';
import { must } from '../../src/errors.ts';
import { rawSocket, received, sendRaw } from '../support/raw-socket.ts';

const OPTIONS: ServerOptions = {
  host: '127.0.0.1',
  port: 0,
  bodyBytes: 1_000,
  headersSeconds: 30,
  requestSeconds: 30,
  keepAliveSeconds: 30,
  headerBytes: 4_096,
};

const started: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop(0)));
});

/** A server whose app answers with the body, at once, or, at `/held`, when it is let. */
const open = async (options: Partial<ServerOptions> = {}) => {
  const held: (() => void)[] = [];
  const watchers: (() => boolean)[] = [];
  const seen: string[] = [];
  const app = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    watchers.push(watchCaller());
    if (Number(request.headers.get('content-length')) > OPTIONS.bodyBytes)
      return new Response('too large', { status: 413 });
    const body = await request.text();
    seen.push(`${request.method} ${pathname} ${body}`);
    if (pathname === '/held') await new Promise<void>((resolve) => held.push(resolve));
    if (pathname === '/broken') throw new Error('secret');
    return new Response(`you said ${body}`);
  };
  const server = await startServer(app, { ...OPTIONS, ...options });
  started.push(server);
  return {
    ...server,
    seen,
    watchers,
    letGo: () => {
      for (const resolve of held.splice(0)) resolve();
    },
    /** Until so many requests are held. */
    holds: async (count: number) => {
      while (held.length < count) await new Promise(setImmediate);
    },
  };
};

const post = (body: string, { path = '/', headers = [] as readonly string[] } = {}) =>
  [`POST ${path} HTTP/1.1`, 'Host: localhost', `Content-Length: ${body.length}`, ...headers, '', body].join(
    '\r\n',
  );

const closing = { headers: ['Connection: close'] };

describe('startServer', () => {
  it('answers, and keeps the connection', async () => {
    const { url } = await open();
    const socket = await rawSocket(url);
    socket.write(post('one'));
    expect(await received(socket, 'you said one')).toContain('Keep-Alive: timeout=30');
    socket.write(post('two'));
    await received(socket, 'you said two');
    socket.destroy();
  });

  it('answers pipelined requests in their order', async () => {
    const { url } = await open();
    const answer = await sendRaw(url, post('one') + post('two') + post('three', closing));
    expect([...answer.matchAll(/you said (one|two|three)/g)].map(([, word]) => word)).toEqual([
      'one',
      'two',
      'three',
    ]);
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex'), 400],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a length that is no number', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n', 400],
    [
      'a chunk that is no chunk',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['a host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 400],
    [
      'a header with a control character',
      'GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\nConnection: close\r\n\r\n',
      400,
    ],
    ['headers that are too large', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`, 431],
    [
      'an expectation that cannot be met',
      'GET / HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\nConnection: close\r\n\r\n',
      417,
    ],
  ])('answers %s with a problem, and closes', async (_, bytes, status) => {
    const { url, seen } = await open();
    const answer = await sendRaw(url, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (answer.includes('\r\nContent-Type: application/problem+json')) {
      const problem = JSON.parse(must(/\{.*\}/.exec(answer)?.[0], 'body')) as {
        error: string;
        detail: string;
      };
      expect(problem).toMatchObject({ status, error: problem.detail });
    } else expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\nConnection: close\r\n/);
    expect(seen).toEqual([]);
  });

  it('answers what did not arrive in time with 408, and closes', async () => {
    const { url, seen } = await open({ headersSeconds: 1, requestSeconds: 1 });
    const answers = await Promise.all([
      sendRaw(url, 'POST / HTTP/1.1\r\nHost: a\r\nContent-'),
      sendRaw(url, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf'),
      sendRaw(url, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'),
      sendRaw(url, ''),
    ]);
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expect(seen).toEqual([]);
  });

  it('closes a connection without requests', async () => {
    const { url } = await open({ keepAliveSeconds: 1 });
    const socket = await rawSocket(url);
    socket.write(post('one'));
    await received(socket, 'you said one');
    await once(socket.resume(), 'close');
  });

  it('lets a client that asks before it sends a body send it, unless it is too large', async () => {
    const { url, seen } = await open();
    const ask = (bytes: number) =>
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
    const socket = await rawSocket(url);
    socket.write(ask(5));
    await received(socket, 'HTTP/1.1 100 Continue');
    socket.write('small');
    await received(socket, 'you said small');
    const refused = await sendRaw(url, ask(1_001));
    expect(refused).toMatch(/^HTTP\/1.1 413 /);
    expect(seen).toEqual(['POST / small']);
  });

  it('survives clients that go in the middle of a request, of a body and of an answer', async () => {
    const { url, holds, letGo, watchers } = await open();
    for (const bytes of ['POST / HT', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhal']) {
      const socket = await rawSocket(url);
      socket.write(bytes);
      socket.resetAndDestroy();
    }
    const gone = await rawSocket(url);
    gone.write(post('x', { path: '/held' }));
    await holds(1);
    const watcher = must(watchers.at(-1), 'watcher');
    expect(watcher()).toBe(false);
    gone.resetAndDestroy();
    while (!watcher()) await new Promise(setImmediate);
    letGo();
    expect(await sendRaw(url, post('still there', closing))).toContain('you said still there');
  });

  it('answers 500 without the reason where the app fails', async () => {
    const { url } = await open();
    const answer = await sendRaw(url, post('x', { path: '/broken', ...closing }));
    expect(answer).toMatch(/^HTTP\/1.1 500 /);
    expect(answer).not.toContain('secret');
  });

  it('answers an upgrade as if it were none', async () => {
    const { url } = await open();
    const headers = ['Connection: Upgrade, close', 'Upgrade: websocket'];
    expect(await sendRaw(url, post('x', { headers }))).toContain('you said x');
  });
});

describe('stop', () => {
  it('answers what has begun, closes what is idle or silent, and accepts nothing more', async () => {
    const { url, stop, holds, letGo } = await open();
    const begun = await Promise.all(Array.from({ length: 20 }, () => rawSocket(url)));
    for (const [index, socket] of begun.entries()) socket.write(post(`no ${index}.`, { path: '/held' }));
    const idle = await rawSocket(url);
    idle.write(post('one'));
    await received(idle, 'you said one');
    const silent = await rawSocket(url);
    await holds(20);

    const stopped = stop(30_000);
    await Promise.all([once(idle.resume(), 'close'), once(silent.resume(), 'close')]);
    await expect(rawSocket(url).then((socket) => once(socket, 'close'))).rejects.toThrow('ECONNREFUSED');
    const answers = begun.map((socket, index) => received(socket, `you said no ${index}.`));
    letGo();
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/\r\nConnection: close\r\n/i);
    expect(await stopped).toBe(0);
  });

  it('waits for a request that has come in half', async () => {
    const { url, stop } = await open();
    const half = await rawSocket(url);
    half.write(post('whole').slice(0, -2));
    // The server has read it once it has answered another.
    await sendRaw(url, post('x', closing));
    const stopped = stop(30_000);
    half.write('le');
    expect(await received(half, 'you said whole')).toMatch(/\r\nConnection: close\r\n/i);
    expect(await stopped).toBe(0);
  });

  it('cuts what is left when the time of grace is over', async () => {
    const { url, stop, holds } = await open();
    const socket = await rawSocket(url);
    socket.write(post('x', { path: '/held' }));
    await holds(1);
    const closed = once(socket.resume(), 'close');
    expect(await stop(10)).toBe(1);
    await closed;
  });
});
