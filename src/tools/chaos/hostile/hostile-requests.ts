import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { anyCharacter } from './any-character.ts';

/** A request as a client may send it. */
export interface HostileRequest {
  readonly method: string;
  /** Path and query, percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** In base64, so that it can be printed. */
  readonly body?: string;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'BREW'];

const PATHS = [
  '/',
  '//',
  '/models',
  '/models/',
  '/predict',
  '/invocations',
  '/ping',
  '/health',
  '/info',
  '/metrics',
  '/openapi.json',
  '/v2/models',
];

const NAMES = [
  'banking77-tfidf',
  'banking77-tfidf@1',
  'banking77-tfidf@2',
  '@1',
  '..',
  '../../etc/passwd',
  '%2e%2e%2f',
  '__proto__',
  'constructor',
  'toString',
  'a/b',
  '\0',
  'é',
  '%',
  'x'.repeat(5_000),
];

const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json; charset=utf-16',
  'application/problem+json',
  'application/jsonlines',
  'application/x-ndjson',
  'text/csv',
  'text/csv; header=present',
  'text/plain',
  'multipart/form-data',
  ';',
  '',
];

const ENCODINGS = ['gzip', 'deflate', 'br', 'identity', 'zstd', 'gzip, gzip', ''];

const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: anyCharacter, maxLength: 20 }));

const text = fc.oneof(
  fc.constantFrom('I lost my card', '', ' ', '\ud800', '\0', '😀'.repeat(300), 'é'.repeat(3_000)),
  fc.string({ unit: anyCharacter, maxLength: 50 }),
);

const junk = fc.oneof(
  fc.constantFrom<unknown>(null, 0, -1, 1e308, true, '', [], {}, '__proto__', [[]], [null]),
  fc.jsonValue({ maxDepth: 3 }),
);

const input = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 1, arbitrary: fc.record({ text, text_pair: text }, { requiredKeys: ['text'] }) },
  { weight: 1, arbitrary: fc.array(text, { maxLength: 3 }) },
  { weight: 1, arbitrary: junk },
);

const parameters = fc.record(
  {
    top_k: fc.oneof(fc.constantFrom<unknown>(1, 2, 77, 1_000, null), junk),
    function_to_apply: fc.oneof(fc.constantFrom<unknown>('none', 'softmax', 'sigmoid', null), junk),
    topk: junk,
  },
  { requiredKeys: [] },
);

const envelope = fc.record(
  {
    inputs: fc.oneof(input, fc.array(input, { maxLength: 12 })),
    parameters: fc.oneof(parameters, junk),
    model: fc.oneof(name, junk),
    model_type: fc.oneof(name, junk),
    raw_scores: fc.oneof(fc.boolean(), junk),
    truncate: fc.oneof(fc.boolean(), junk),
    truncation_direction: fc.oneof(fc.constantFrom('Right', 'Left'), junk),
  },
  { requiredKeys: [] },
);

/** Keys that an assignment by name would take for a prototype. */
const PROTOTYPES = [
  '{"__proto__":{"inputs":"a"}}',
  '{"inputs":"a","__proto__":{"top_k":1}}',
  '{"inputs":"a","parameters":{"__proto__":{"top_k":5}}}',
  '{"inputs":{"__proto__":{"text":"a"}}}',
  '{"constructor":{"prototype":{"inputs":"a"}}}',
];

const jsonText = fc.oneof(
  { weight: 6, arbitrary: envelope.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.constantFrom(...PROTOTYPES) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 5 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 20_000 }).map((depth) => `{"inputs":${'['.repeat(depth)}`),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 3_000 }).map((count) => `{"inputs":[${'"a",'.repeat(count)}"b"]}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 1, max: 200_000 })
      .map((length) => JSON.stringify({ inputs: 'x'.repeat(length) })),
  },
);

const csvField = fc.oneof(
  text,
  text.map((one) => `"${one}"`),
  fc.constantFrom('"', '""', '"a""b"', 'a"b', '\r'),
);

const lines = fc.oneof(
  fc.array(fc.oneof(jsonText, text), { maxLength: 8 }).map((all) => all.join('\n')),
  fc
    .array(fc.array(csvField, { maxLength: 4 }), { maxLength: 8 })
    .map((rows) => rows.map((row) => row.join(',')).join('\n')),
);

interface Body {
  readonly bytes: Buffer;
  readonly encoding?: string;
}

const plainBody = (bytes: Uint8Array | string): Body => ({ bytes: Buffer.from(bytes) });

const bodies: fc.Arbitrary<Body> = fc.oneof(
  { weight: 6, arbitrary: jsonText.map(plainBody) },
  { weight: 2, arbitrary: lines.map(plainBody) },
  { weight: 1, arbitrary: jsonText.map((json) => ({ bytes: gzipSync(json), encoding: 'gzip' })) },
  { weight: 1, arbitrary: jsonText.map((json) => ({ bytes: deflateSync(json), encoding: 'deflate' })) },
  { weight: 1, arbitrary: jsonText.map((json) => ({ bytes: brotliCompressSync(json), encoding: 'br' })) },
  // Small, and large when decompressed.
  { weight: 1, arbitrary: fc.constant({ bytes: gzipSync(Buffer.alloc(20_000_000)), encoding: 'gzip' }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(jsonText, fc.nat())
      .map(([json, at]) => ({ bytes: Buffer.from(json).subarray(0, at % (json.length + 1)) })),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map(plainBody) },
);

const query = fc
  .dictionary(
    fc.constantFrom('text', 'top_k', 'model', 'function_to_apply', 'text_pair', '__proto__', 'x'),
    fc.oneof(fc.constantFrom('1', '5', '007', '-1', 'null', 'none', 'true', '1e9'), name, text),
  )
  .map((given) =>
    Object.entries(given)
      .map(([key, value]) => `${key}=${encodeURIComponent(value.toWellFormed())}`)
      .join('&'),
  );

const path = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('/', '/predict', '/invocations', '/models/banking77-tfidf') },
      { weight: 2, arbitrary: fc.constantFrom(...PATHS) },
      { weight: 2, arbitrary: name.map((one) => `/models/${encodeURIComponent(one.toWellFormed())}`) },
      { weight: 1, arbitrary: fc.webPath() },
      {
        weight: 1,
        arbitrary: fc.constantFrom('/models/%', '/models/%ff', '/models/../..', '/predict/%2e%2e', '/%00'),
      },
    ),
    fc.oneof(
      { weight: 2, arbitrary: fc.constant('') },
      query,
      fc.constantFrom('text=%ff', '%', 'text=a&text=b', '=&=&'),
    ),
  )
  .map(([one, two]) => (two === '' ? one : `${one}?${two}`));

const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((value) => value.trim());

const oddHeaders = fc.record(
  {
    'content-type': fc.oneof(
      { weight: 5, arbitrary: fc.constant('application/json') },
      fc.constantFrom(...TYPES),
      ascii,
    ),
    'content-encoding': fc.oneof(fc.constantFrom(...ENCODINGS), ascii),
    'content-length': fc.oneof(fc.nat().map(String), fc.constantFrom('-1', 'x', '99999999999999999999', '')),
    accept: fc.oneof(fc.constantFrom('text/html', 'text/csv', 'application/xml', '*/*'), ascii),
    authorization: fc.oneof(fc.constantFrom('Bearer', 'Bearer x', 'Basic eDp4'), ascii),
    'x-request-id': fc.oneof(fc.constantFrom('abc-1', 'x'.repeat(500)), ascii),
    origin: fc.constantFrom('https://example.org', 'null'),
  },
  { requiredKeys: [] },
);

const type = fc.oneof(
  { weight: 6, arbitrary: fc.constant('application/json') },
  { weight: 1, arbitrary: fc.constantFrom('application/jsonlines', 'text/csv', 'text/csv; header=present') },
);

const NO_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Requests that a client may send, made to do harm: of the wrong shape, type, encoding or size, damaged. */
export const hostileRequests: fc.Arbitrary<HostileRequest> = fc
  .record({
    method: fc.oneof({ weight: 3, arbitrary: fc.constant('POST') }, fc.constantFrom(...METHODS)),
    path,
    type,
    headers: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: oddHeaders }),
    body: bodies,
  })
  .map(({ method, path: target, type: usual, headers, body: { bytes, encoding } }) => {
    const given = {
      'content-type': usual,
      ...(encoding !== undefined && { 'content-encoding': encoding }),
      ...headers,
    };
    return NO_BODY.has(method)
      ? { method, path: target, headers }
      : { method, path: target, headers: given, body: bytes.toString('base64') };
  });
