import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { startHost } from '../../../src/tools/bench/http/host.ts';
import { sendLoad } from '../../../src/tools/bench/http/load.ts';
import { measure, type Measured, medianRound } from '../../../src/tools/bench/http/measure.ts';
import { processFigures } from '../../../src/tools/bench/http/process-figures.ts';

interface Seen {
  readonly url: string;
  /** The texts, as they came. */
  readonly texts: string[];
  /** The most requests at a time, and how many of these had the same text as another. */
  most: number;
  alike: number;
}

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A server that answers the n-th request with a status, or closes its connection. */
const listen = async (statusOf: (index: number) => number | 'close'): Promise<Seen> => {
  const open: string[] = [];
  const texts: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { inputs } = (await json(request)) as { inputs: string };
    const status = statusOf(texts.length);
    if (open.includes(inputs)) seen.alike += 1;
    texts.push(inputs);
    open.push(inputs);
    seen.most = Math.max(seen.most, open.length);
    setTimeout(() => {
      open.splice(open.indexOf(inputs), 1);
      if (status === 'close') request.socket.destroy();
      else response.writeHead(status).end('[]');
    }, 5);
  };
  server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const seen: Seen = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    texts,
    most: 0,
    alike: 0,
  };
  return seen;
};

describe('a load', () => {
  it('of connections is as many requests at a time, no two alike', async () => {
    const seen = await listen(() => 200);
    const load = await sendLoad({ url: seen.url, seconds: 1, pace: { connections: 8 } });
    expect(seen).toMatchObject({ most: 8, alike: 0 });
    expect(load).toMatchObject({ failed: 0, refused: { count: 0 } });
    // Those that were under way at the end count for nothing.
    expect(seen.texts.length - load.accepted.count).toBeLessThanOrEqual(8);
    expect(new Set(seen.texts).size).toBe(seen.texts.length);
    expect(load.accepted.p50).toBeGreaterThanOrEqual(4);
    expect(load.accepted.p99).toBeGreaterThanOrEqual(load.accepted.p50 ?? Infinity);
    expect(load.cpuSeconds).toBeGreaterThan(0);
  });

  it('of a rate is that many requests, each counted by what became of it', async () => {
    const seen = await listen((index) => ([200, 200, 429, 500, 'close'] as const)[index % 5] ?? 200);
    const load = await sendLoad({ url: seen.url, seconds: 1, pace: { rate: 50 } });
    expect(seen.texts).toHaveLength(50);
    expect(load).toMatchObject({ accepted: { count: 20 }, refused: { count: 10 }, failed: 20 });
    expect(load.refused.p50).toBeGreaterThanOrEqual(4);
    expect(load.seconds).toBeGreaterThan(0.9);
  });

  it('that cannot be sent says why', async () => {
    await listen(() => 200);
    const plan = { url: 'nowhere', seconds: 1, pace: { connections: 1 } };
    await expect(sendLoad(plan)).rejects.toThrow(/the load's generator has ended: .*Invalid URL/s);
  });
});

const PROGRAM = `
  const server = require('node:http').createServer((request, response) => {
    request.resume();
    const from = performance.now();
    while (performance.now() - from < 3);
    response.end(JSON.stringify({ threads: process.env.OMP_NUM_THREADS, given: process.env.GIVEN }));
  });
  server.listen(Number(process.argv[1]), '127.0.0.1');
`;

describe('a server in a process of its own', () => {
  beforeAll(async () => {
    server = createServer();
  });

  it('is measured by its own work, and stopped', async () => {
    const host = await startHost(process.execPath, (port) => ['-e', PROGRAM, String(port)], { GIVEN: 'yes' });
    try {
      expect(await (await fetch(host.url)).json()).toEqual({ threads: '1', given: 'yes' });
      const measured = await measure(host, { pace: { connections: 2 }, seconds: 1 });
      expect(measured.failed).toBe(0);
      expect(measured.perSecond).toBeGreaterThan(0);
      // It spins for 3 ms a request.
      if (measured.serverCores !== null)
        expect(measured.serverCores * measured.seconds).toBeGreaterThan(measured.accepted.count * 0.002);
    } finally {
      await host.stop();
    }
    await expect(fetch(host.url)).rejects.toThrow('fetch failed');
  });

  it('that ends before it serves is told with its last words', async () => {
    const program = 'console.error("no such model"); process.exit(1)';
    const parameters = ['-e', program];
    await expect(startHost(process.execPath, () => parameters)).rejects.toThrow(/has ended: no such model/);
  });

  it('that is not there at all is told, too', async () => {
    await expect(startHost('/nowhere/python', () => [])).rejects.toThrow(/has ended: .*ENOENT/);
  });
});

it('a process is measured with its children', () => {
  const figures = processFigures(process.ppid);
  const own = processFigures(process.pid);
  if (own === undefined || figures === undefined) return;
  expect(own.memoryMB).toBeGreaterThan(10);
  expect(figures.memoryMB).toBeGreaterThan(own.memoryMB);
});

it('of several rounds the one of median speed counts, with the failures of all', () => {
  const round = (perSecond: number, failed: number): Measured => ({
    perSecond,
    failed,
    seconds: 1,
    accepted: { count: perSecond, p50: 1, p95: 1, p99: 1 },
    refused: { count: 0, p50: null, p95: null, p99: null },
    cpuSeconds: 0,
    serverCores: null,
    generatorCores: 0,
  });
  expect(medianRound([round(30, 1), round(10, 0), round(20, 2)])).toMatchObject({ perSecond: 20, failed: 3 });
});
