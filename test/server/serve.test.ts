import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { rawSocket, received } from '../support/raw-socket.ts';
import { type ServeProcess, serveProcess, startProcess } from '../support/serve-process.ts';

const processes: ServeProcess[] = [];
const open = async (env?: NodeJS.ProcessEnv): Promise<ServeProcess> => {
  const opened = await serveProcess(env);
  processes.push(opened);
  return opened;
};
afterEach(async () => {
  for (const { process: child } of processes) child.kill('SIGKILL');
  await Promise.all(processes.splice(0).map(({ ended }) => ended));
});

const bodyOf = (inputs: string | readonly string[]): string => JSON.stringify({ inputs });

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Asks on a connection of its own; resolves when the request is sent. */
const ask = (url: string, body: string) =>
  new Promise<{ readonly answer: Promise<{ readonly status: number; readonly text: string }> }>((sent) => {
    const answer = new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
      const asked = request(url, { method: 'POST', headers: JSON_TYPE, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body);
      asked.on('socket', (socket) => socket.on('connect', () => setImmediate(() => sent({ answer }))));
    });
    answer.catch(() => undefined);
  });

describe('serve', () => {
  it('answers what came while it was paused in the middle of the stop', async () => {
    const { url, process: child, ended, logged } = await open({ MODEL: 'banking77-tfidf' });
    await (
      await ask(url, bodyOf('I lost my card'))
    ).answer;
    child.kill('SIGTERM');
    await logged('stopping');
    child.kill('SIGSTOP');
    const asked = await Promise.all(
      Array.from({ length: 20 }, () => ask(url, bodyOf('I lost my card, and then another one'))),
    );
    // Longer than it waits for connections that are on their way.
    await sleep(300);
    child.kill('SIGCONT');
    const answers = await Promise.all(asked.map(({ answer }) => answer));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(await ended).toBe(0);
  });
});

describe.each([1, 2])('serve with %d threads', (threads) => {
  it('loses none of the requests that it accepted when it is stopped, and exits with 0', async () => {
    const {
      url,
      process: child,
      ended,
      lines,
    } = await open({
      MODEL: 'banking77-minilm',
      THREADS: String(threads),
    });
    const first = await (await ask(url, bodyOf('I lost my card'))).answer;
    expect(first.status).toBe(200);
    // More than a second of work, at a text a millisecond.
    const asked = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        ask(url, bodyOf(`I lost my card, number ${index % 10}, again and again`)),
      ),
    );
    // Connections are accepted in their order: when the last is answered, or at least one, all are.
    await Promise.race(asked.map(({ answer }) => answer));
    child.kill('SIGTERM');
    const answers = await Promise.allSettled(asked.map(({ answer }) => answer));
    const lost = answers.filter(({ status }) => status === 'rejected');
    expect(lost).toEqual([]);
    for (const answer of answers)
      if (answer.status === 'fulfilled') expect(answer.value).toMatchObject({ status: 200 });
    expect(await ended).toBe(0);
    expect(lines.map(({ message }) => message)).toEqual(['starting', 'listening', 'stopping']);
  });

  it('logs no text', async () => {
    const { url, process: child, ended, lines } = await open({ THREADS: String(threads) });
    await (
      await ask(url, bodyOf('my secret'))
    ).answer;
    await (
      await ask(url, '{"inputs":"my secret"')
    ).answer;
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('exits at once at a second signal', async () => {
    const {
      url,
      process: child,
      ended,
      logged,
    } = await open({ THREADS: String(threads), GRACE_SECONDS: '600' });
    const half = await rawSocket(url);
    half.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
    await (
      await ask(url, bodyOf('x'))
    ).answer;
    child.kill('SIGTERM');
    await logged('stopping');
    await new Promise((resolve) => setTimeout(resolve, 600));
    child.kill('SIGTERM');
    expect(await ended).toBe(1);
  });
});

describe('serve', () => {
  it('replaces a process that crashes, and answers on', async () => {
    const { url, process: child, lines, logged } = await open({ THREADS: '2' });
    const tasks = `/proc/${child.pid}/task/${child.pid}/children`;
    const workers = () => readFileSync(tasks, 'utf8').trim().split(' ').map(Number);
    const [victim = 0] = workers();
    process.kill(victim, 'SIGKILL');
    expect(await logged('worker-exit')).toMatchObject({ signal: 'SIGKILL' });
    await logged('restarted');
    expect(workers()).toHaveLength(2);
    expect(workers()).not.toContain(victim);
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => (await ask(url, bodyOf('I lost my card'))).answer),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(lines.filter(({ message }) => message === 'worker-exit')).toHaveLength(1);
  });

  it("keeps SageMaker's contract: serve, ping, invocations, SIGTERM", async () => {
    const { url, process: child, ended } = await open();
    expect((await fetch(`${url}/ping`)).status).toBe(200);
    const headers = { 'Content-Type': 'application/jsonlines' };
    const body = ['I lost my card', 'exchange rate'].map((inputs) => JSON.stringify({ inputs })).join('\n');
    const answer = await fetch(`${url}/invocations`, { method: 'POST', headers, body });
    expect((await answer.text()).trim().split('\n')).toHaveLength(2);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('is not healthy while it stops', async () => {
    const { url, process: child, ended, logged } = await open();
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const socket = await rawSocket(url);
    socket.write('GET /health HTTP/1.1\r\nHost: a\r\n');
    await fetch(url);
    child.kill('SIGTERM');
    await logged('stopping');
    socket.write('\r\n');
    const answer = await received(socket, '\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 503 /);
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
    expect(await ended).toBe(0);
  });

  it('refuses with 429 and Retry-After what would wait too long, and answers the rest', async () => {
    const { url } = await open({ MODEL: 'banking77-minilm', QUEUE_TEXTS: '1' });
    const post = (inputs: string | readonly string[]) =>
      fetch(url, { method: 'POST', headers: JSON_TYPE, body: bodyOf(inputs) });
    // It fits into an empty queue only.
    const large = post(Array.from({ length: 1_000 }, (_, index) => `I lost my card number ${index}`));
    const waits = async () =>
      /labelstream_waiting_texts\{.*\} [1-9]/.test(await (await fetch(`${url}/metrics`)).text());
    while (!(await waits())) await new Promise(setImmediate);
    const refused = await post('exchange rate');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await refused.json()).toMatchObject({ error_type: 'Overloaded' });
    expect(await (await large).json()).toHaveLength(1_000);
    expect((await post('exchange rate')).status).toBe(200);
  });

  it('does not run the rest of the texts of a client that has gone', async () => {
    // Many seconds of work, of which it sees the first run.
    const { url } = await open({ MODEL: 'banking77-minilm', MAX_TEXTS: '20000' });
    const texts = Array.from({ length: 20_000 }, (_, index) => `I lost my card number ${index}`);
    const gone = await rawSocket(url);
    const body = bodyOf(texts);
    gone.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    const metrics = async () => (await fetch(`${url}/metrics`)).text();
    while (!(await metrics()).includes('labelstream_texts_total{')) await new Promise(setImmediate);
    gone.resetAndDestroy();
    let text = '';
    while (!text.includes('status="499"')) text = await metrics();
    const [, run] = /labelstream_texts_total\{[^}]*\} (\d+)/.exec(text) ?? [];
    expect(Number(run)).toBeLessThan(20_000);
    expect(text).toMatch(/labelstream_waiting_texts\{[^}]*\} 0\n/);
  });

  it('has the metrics of all its processes', async () => {
    const { url } = await open({ THREADS: '2' });
    const metrics = async () => (await fetch(`${url}/metrics`)).text();
    const both = (text: string) =>
      [1, 2].every((worker) => text.includes(`process_cpu_seconds_total{worker="${worker}"}`));
    await (
      await ask(url, bodyOf('I lost my card'))
    ).answer;
    let text = await metrics();
    while (!both(text) || !text.includes('labelstream_texts_total{')) text = await metrics();
    expect(text).toContain('labelstream_texts_total{worker=');
    expect(text.match(/# TYPE process_cpu_seconds_total counter/g)).toHaveLength(1);
  });

  it.each(['127.0.0.1:0', 'http://127.0.0.1:0'])(
    'listens on AWS_LAMBDA_HTTP_ENDPOINT=%s',
    async (endpoint) => {
      const { url } = await open({ AWS_LAMBDA_HTTP_ENDPOINT: endpoint, PORT: '1', HOST: '192.0.2.1' });
      const { status } = await (await ask(url, bodyOf('x'))).answer;
      expect(status).toBe(200);
    },
  );

  it.each([1, 2])('can be stopped while it starts, with %d threads', async (threads) => {
    const {
      process: child,
      ended,
      logged,
    } = startProcess({ MODEL: 'banking77-minilm', THREADS: String(threads) });
    await logged('starting');
    child.kill('SIGTERM');
    await logged('stopping');
    expect(await ended).toBe(0);
  });

  it.each([1, 2])('refuses a port that is in use, with %d threads', async (threads) => {
    const { url } = await open();
    const { ended, lines } = startProcess({ PORT: new URL(url).port, THREADS: String(threads) });
    expect(await ended).toBe(2);
    expect(lines.at(-1)?.reason).toMatch(/another program listens there/);
  });

  it('closes the connections of clients that send nothing when it is stopped', async () => {
    const { url, process: child, ended } = await open({ GRACE_SECONDS: '600' });
    const silent = await rawSocket(url);
    const kept = await rawSocket(url);
    kept.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bodyOf('x').length}\r\n\r\n${bodyOf('x')}`);
    await received(kept, '\r\n\r\n');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    silent.destroy();
    kept.destroy();
  });

  it.each([
    [
      'settings that are wrong',
      { THREADS: 'many', PORT: '99999' },
      ['serve'],
      /THREADS[^]*PORT|PORT[^]*THREADS/,
    ],
    ['a model that is not there', { MODEL: 'unknown' }, ['serve'], /unknown/],
    ['a model that is not there, in processes', { MODEL: 'unknown', THREADS: '2' }, ['serve'], /unknown/],
    [
      'an address that this machine has not',
      { HOST: '192.0.2.1' },
      ['serve'],
      /192\.0\.2\.1.*this machine has no such address/,
    ],
    ['an argument that it does not know', {}, ['train'], /the first argument is one of serve, /],
  ])('refuses to start with %s', async (_, env, args, reason) => {
    const { ended, lines } = startProcess(env, args);
    expect(await ended).toBe(2);
    expect(lines.find(({ level }) => level === 'ERROR')).toMatchObject({
      message: 'start',
      reason: expect.stringMatching(reason) as string,
    });
  });
});
