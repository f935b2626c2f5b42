import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { LambdaEvent } from 'hono/aws-lambda';
import type { handler as Handler } from '../../src/functions/predict.ts';
import {
  HTTP_DOORS,
  HTTP_EVENTS,
  type HttpDoor,
  readAnswer,
  type SentRequest,
} from '../support/http-events.ts';

const SECRET = 'S3CR3T';
const TEXT = 'I still have not received my card';
const BASE = { ...process.env };
const log: string[] = [];

/** The handler, wired from an environment as on Lambda. */
const start = async (environment: Readonly<Record<string, string>> = {}): Promise<typeof Handler> => {
  process.env = {
    ...BASE,
    POWERTOOLS_SERVICE_NAME: 'labelstream-test',
    POWERTOOLS_METRICS_NAMESPACE: 'labelstream',
    MODEL: 'banking77-tfidf',
    MODELS_DIR: join(import.meta.dirname, '..', '..', 'models'),
    ...environment,
  };
  let handler: typeof Handler | undefined;
  await jest.isolateModulesAsync(async () => {
    const loaded = await import('../../src/functions/predict.ts');
    handler = loaded.handler;
    await loaded.ready;
  });
  if (handler === undefined) throw new Error('the handler is not loaded');
  return handler;
};

const context = { functionVersion: '7', awsRequestId: 'request', getRemainingTimeInMillis: () => 30_000 };
let handler: typeof Handler;

const send = async (door: HttpDoor, request: SentRequest) =>
  readAnswer(door, await handler(HTTP_EVENTS[door](request), context as never));

beforeAll(async () => {
  // Powertools writes past the global console.
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      log.push(...String(text).trim().split('\n'));
      return true;
    });
  }
  for (const method of ['log', 'info', 'warn', 'error'] as const)
    jest.spyOn(console, method).mockImplementation((...said) => void log.push(said.map(String).join(' ')));
  handler = await start();
});
beforeEach(() => log.splice(0));
afterAll(() => {
  jest.restoreAllMocks();
  process.env = BASE;
});

const JSON_TYPE = { 'Content-Type': 'application/json' };
const question = (inputs: unknown) => JSON.stringify({ inputs, parameters: { top_k: 2 } });

describe.each(HTTP_DOORS)('predict behind %s', (door) => {
  it('answers with labels and probabilities, as JSON that is not encoded again', async () => {
    const answer = await send(door, { headers: JSON_TYPE, body: question(TEXT) });
    expect(answer).toMatchObject({ status: 200, isBase64: false });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(JSON.parse(answer.body)).toEqual([
      [
        { label: 'card_arrival', score: expect.any(Number) },
        { label: expect.any(String), score: expect.any(Number) },
      ],
    ]);
  });

  it('gives the same answer to a body in base64, without a content type and in gzip', async () => {
    const plain = await send(door, { headers: JSON_TYPE, body: question(TEXT) });
    const untyped = await send(door, { body: question(TEXT) });
    const zipped = await send(door, {
      headers: { ...JSON_TYPE, 'Content-Encoding': 'gzip' },
      body: gzipSync(question(TEXT)),
    });
    expect([untyped.body, zipped.body]).toEqual([plain.body, plain.body]);
  });

  it('reads texts beyond ASCII from a query and from a body', async () => {
    const text = 'où est ma carte ? 💳 + 100%';
    const query = `text=${encodeURIComponent(text)}&top_k=3`;
    const queried = await send(door, { method: 'GET', path: '/predict', query });
    const sent = await send(door, {
      headers: JSON_TYPE,
      body: JSON.stringify({ inputs: text, parameters: { top_k: 3 } }),
    });
    expect(queried.status).toBe(200);
    const [labels] = JSON.parse(sent.body);
    expect(JSON.stringify(JSON.parse(queried.body))).toContain(JSON.stringify(labels).slice(1, -1));
  });

  it('has problem details as text, with the status', async () => {
    const answer = await send(door, { headers: JSON_TYPE, body: '{"inputs":' });
    expect(answer).toMatchObject({ status: 400, isBase64: false });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(answer.body)).toMatchObject({ status: 400, error: expect.any(String) });
  });

  it('answers lines with lines, as text', async () => {
    const type = 'application/jsonlines';
    const answer = await send(door, {
      path: '/invocations',
      headers: { 'Content-Type': type, Accept: type },
      body: `${question(TEXT)}\n${question('lost card')}\n`,
    });
    expect(answer).toMatchObject({ status: 200, isBase64: false });
    expect(
      answer.body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toHaveLength(2);
  });

  it('takes a GET with a body, repeated headers, and answers HEAD without a body', async () => {
    const get = await send(door, { method: 'GET', path: '/models', headers: JSON_TYPE, body: '{}' });
    expect(get.status).toBe(200);
    const accept = { Accept: ['application/json', 'text/html;q=0.1'] };
    expect((await send(door, { method: 'GET', path: '/health', headers: accept })).status).toBe(200);
    expect(await send(door, { method: 'HEAD', path: '/models' })).toMatchObject({ status: 200, body: '' });
  });

  it('refuses what cannot be a request, and logs nothing that was in it', async () => {
    const path = '/predict';
    const query = `text=${SECRET}`;
    const bad: readonly SentRequest[] = [
      { method: 'TRACE', path, query },
      { method: `${SECRET} ${SECRET}`, path, query },
      { method: 'GET', path, query, headers: { 'bad name': SECRET } },
      { method: 'GET', path, query, headers: { 'x-bad': `${SECRET}\u0000` } },
      { method: 'GET', path, query, headers: { host: `${SECRET} [` } },
    ];
    for (const request of bad) {
      const { status, headers, body } = await send(door, request);
      expect([status, headers['content-type']]).toEqual([
        request.method === 'GET' ? 400 : 405,
        'application/problem+json',
      ]);
      expect(body).not.toContain(SECRET);
    }
    expect(log.join('\n')).not.toContain(SECRET);
    expect(log.filter((line) => line.includes('"message":"request"'))).toHaveLength(bad.length);
  });

  it('reports how confident its models are, of so many texts together', async () => {
    const texts = Array.from({ length: 100 }, (_, index) => `${TEXT} ${index}`);
    await send(door, { headers: JSON_TYPE, body: question(texts) });
    const lines = log.filter((line) => line.includes('"model":"banking77-tfidf@1"'));
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ Confidence: expect.any(Number), LowConfidence: expect.any(Number) }),
    ]);
  });

  it('logs a line and metrics for each request, and no text', async () => {
    await send(door, { headers: JSON_TYPE, body: question([SECRET, `${SECRET} again`]) });
    await send(door, { path: `/models/${SECRET}`, headers: JSON_TYPE, body: question(SECRET) });
    await send(door, { method: 'GET', path: '/predict', query: `text=${SECRET}` });
    await send(door, { path: `/${SECRET}`, query: SECRET, body: SECRET });
    expect(log.join('\n')).not.toContain(SECRET);
    const lines = log.map((line) => JSON.parse(line));
    expect(lines.filter(({ message }) => message === 'request')).toEqual([
      expect.objectContaining({
        method: 'POST',
        route: '/',
        status: 200,
        models: ['banking77-tfidf@1'],
        texts: 2,
      }),
      expect.objectContaining({ method: 'POST', route: '/models/:name', status: 404, texts: 0 }),
      expect.objectContaining({ method: 'GET', route: '/predict', status: 200, texts: 1 }),
      expect.objectContaining({ method: 'POST', route: '*', status: 404, texts: 0 }),
    ]);
    expect(lines.filter(({ _aws }) => _aws !== undefined)[0]).toMatchObject({
      HttpRequests: 1,
      HttpResponses2xx: 1,
      HttpResponses4xx: 0,
      HttpResponses5xx: 0,
      HttpTexts: 2,
      HttpTime: expect.any(Number),
    });
  });
});

describe('predict behind an HTTP API with a stage that has a name', () => {
  it('finds the path behind it', async () => {
    const api = 'an HTTP API';
    expect((await send(api, { method: 'GET', path: '/models', stage: 'dev' })).status).toBe(200);
    expect(
      (await send(api, { headers: JSON_TYPE, body: question(TEXT), path: '', stage: 'dev' })).status,
    ).toBe(200);
    expect((await send(api, { method: 'GET', path: '/models', stage: 'models' })).status).toBe(200);
  });
});

describe('predict', () => {
  it('answers a ping without inference and without a line of its own', async () => {
    expect(await handler({ labelstream: 'ping' } as never, context as never)).toEqual({
      labelstream: 'pong',
    });
    expect(log).toEqual([]);
  });

  it('answers those who may invoke it as classifyStream does', async () => {
    const answer = await handler({ labelstream: 'verify', texts: [TEXT] } as never, context as never);
    expect(answer).toMatchObject({
      model: 'banking77-tfidf@1',
      version: '7',
      predictions: [{ label: 'card_arrival' }],
    });
  });

  it('takes neither from a client', async () => {
    const { body } = await send('an HTTP API', { headers: JSON_TYPE, body: '{"labelstream":"ping"}' });
    expect(body).not.toContain('pong');
  });

  it.each([{}, { inputs: SECRET }, { requestContext: {} }, { Records: [] }, 'text', null])(
    'fails on an event that is none of HTTP: %j',
    async (event) => {
      await expect(handler(event as unknown as LambdaEvent, context as never)).rejects.toThrow(
        /not one of an HTTP API/,
      );
      expect(log.join('\n')).not.toContain(SECRET);
    },
  );

  it('fails its init on settings that are wrong, all at once', async () => {
    await expect(start({ HTTP_KEY_SHA256: 'abc', MAX_TEXTS: '0' })).rejects.toThrow(
      /HTTP_KEY_SHA256[^]*MAX_TEXTS|MAX_TEXTS[^]*HTTP_KEY_SHA256/,
    );
    await expect(start({ MODEL: 'no-such-model' })).rejects.toThrow(/no-such-model/);
  });

  it('wants the key that it has the sha256 of', async () => {
    const sha256 = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
    handler = await start({ HTTP_KEY_SHA256: sha256 });
    const request = { headers: JSON_TYPE, body: question(TEXT) };
    const known = { ...request, headers: { ...JSON_TYPE, Authorization: 'Bearer x' } };
    for (const door of HTTP_DOORS) {
      expect((await send(door, request)).status).toBe(401);
      expect((await send(door, known)).status).toBe(200);
    }
  });

  it('answers 413 where Lambda would not take the answer', async () => {
    handler = await start({ MAX_TEXTS: '2000' });
    const ask = (texts: number) => {
      const inputs = Array.from({ length: texts }, (_, index) => `card ${index}`);
      const body = JSON.stringify({ inputs, parameters: { top_k: 77 } });
      return send('an HTTP API', { headers: JSON_TYPE, body });
    };
    expect((await ask(1_000)).status).toBe(200);
    const refused = await ask(2_000);
    expect(refused.status).toBe(413);
    expect(JSON.parse(refused.body).error).toContain('6 MB');
  });
});
