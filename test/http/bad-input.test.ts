import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { shippedParts, type TestApi, testApi } from '../support/predict-api.ts';

const LIMITS = { texts: 3, characters: 50, bytes: 1_000 };

let api: TestApi;
beforeAll(async () => {
  api = testApi({ ...(await shippedParts()), limits: LIMITS });
});

const jsonOf = async (response: Response) => JSON.parse(await response.text());

/** What a problem says, in short: status, kind, detail; that it is whole is checked. */
const problemOf = async (response: Response) => {
  const problem = await jsonOf(response);
  expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  expect(response.headers.get('Cache-Control')).toBe('no-store');
  expect(problem).toMatchObject({
    type: 'about:blank',
    title: expect.any(String),
    status: response.status,
    error: problem.detail,
  });
  return [response.status, problem.error_type, problem.detail];
};

const post = async (path: string, body: unknown, headers?: Record<string, string>) =>
  problemOf(await api.post(path, body, headers));

describe('a body', () => {
  it.each([
    ['', 'the body is empty'],
    [' \n', 'the body is empty'],
    ['{', 'the body is not JSON'],
    ['{"inputs":"a"} {"inputs":"b"}', 'the body is not JSON'],
    ["{'inputs':'a'}", 'the body is not JSON'],
    ['{"inputs":NaN}', 'the body is not JSON'],
    [`{"inputs":${'['.repeat(100)}`, 'the JSON is nested deeper than 32 levels'],
  ])('that is no JSON is refused: %j', async (body, detail) => {
    expect(await post('/', body)).toEqual([400, 'BadRequest', detail]);
    expect(await post('/predict', body)).toEqual([400, 'BadRequest', detail]);
    expect(await post('/invocations', body)).toEqual([400, 'BadRequest', detail]);
  });

  it('with more values than a request can need is refused before they are made', async () => {
    const roomy = testApi({ ...(await shippedParts()), limits: { ...LIMITS, bytes: 1_000_000 } });
    const body = `{"inputs":[${'[],'.repeat(5_000)}[]]}`;
    expect(await problemOf(await roomy.post('/', body))).toEqual([
      400,
      'BadRequest',
      'the JSON has more than 1024 values',
    ]);
  });

  it.each([
    [Uint8Array.from([0x22, 0xff, 0x22]), 'a byte that UTF-8 has not'],
    [Buffer.from('{"inputs":"é"}', 'latin1'), 'another charset'],
    [Buffer.from('{"inputs":"é"}').subarray(0, 12), 'half a character'],
  ])('that is not UTF-8 is refused: %#', async (body, _why) => {
    expect(await post('/', body)).toEqual([400, 'BadRequest', 'the body is not valid UTF-8']);
  });

  it('may begin with a byte order mark', async () => {
    const response = await api.post('/', '\ufeff{"inputs":"I lost my card"}');
    expect([response.status, (await jsonOf(response))[0][0].label]).toEqual([200, 'lost_or_stolen_card']);
  });

  it.each([[[]], ['"a"'], ['null'], ['5']])('that is no object is refused: %j', async (body) => {
    expect(await post('/', body)).toEqual([
      422,
      'Validation',
      'the body should be an object: {"inputs": "a text"}',
    ]);
  });

  it.each([
    [{}, '/inputs', 'is missing; send {"inputs": "a text"}'],
    [{ text: 'a' }, '/inputs', 'is missing; send {"inputs": "a text"}'],
    [{ inputs: null }, '/inputs', 'should be a text, or an object with text and text_pair'],
    [{ inputs: 5 }, '/inputs', 'should be a text, or an object with text and text_pair'],
    [{ inputs: ['a', 5] }, '/inputs/1', 'should be a text, or an object with text and text_pair'],
    [{ inputs: [['a']] }, '/inputs/0', 'Invalid input: expected object, received array'],
    [{ inputs: {} }, '/inputs/text', 'Invalid input: expected string, received undefined'],
    [{ inputs: { text: 'a', textPair: 'b' } }, '/inputs', 'Unrecognized key: "textPair"'],
    [{ inputs: 'a', parameters: [] }, '/parameters', 'Invalid input: expected object, received array'],
    [{ inputs: 'a', parameters: { topk: 1 } }, '/parameters', 'Unrecognized key: "topk"'],
    [{ inputs: 'a', parameters: { top_k: 0 } }, '/parameters/top_k', 'Too small: expected number to be >=1'],
    [
      { inputs: 'a', parameters: { top_k: 1.5 } },
      '/parameters/top_k',
      'Invalid input: expected int, received number',
    ],
    [
      { inputs: 'a', parameters: { top_k: '1' } },
      '/parameters/top_k',
      'Invalid input: expected number, received string',
    ],
    [
      { inputs: 'a', parameters: { function_to_apply: 'relu' } },
      '/parameters/function_to_apply',
      'Invalid option: expected one of "none"|"softmax"|"sigmoid"',
    ],
    [{ inputs: 'a', model: 5 }, '/model', 'Invalid input: expected string, received number'],
    [
      { inputs: 'a', model: 'banking77-tfidf', model_type: 'banking77-minilm' },
      '/model',
      'names another model than the rest of the request; name one',
    ],
    [{ inputs: ['a', 'b', 'c', 'd'] }, '/inputs', 'has 4 texts; the limit is 3, so send several requests'],
  ])('of the wrong shape is refused, and says where: %j', async (body, pointer, detail) => {
    const response = await api.post('/', body);
    expect(response.status).toBe(422);
    expect((await jsonOf(response)).errors).toEqual([{ pointer, detail, message: `${pointer}: ${detail}` }]);
  });

  it('lists no more than ten faults', async () => {
    const parameters = {
      top_k: 0,
      function_to_apply: 'x',
      ...Object.fromEntries(Array.from('abcdefghijklmn', (key) => [key, 1])),
    };
    const response = await api.post('/', { inputs: 'a', parameters });
    expect((await jsonOf(response)).errors.length).toBeLessThanOrEqual(10);
  });

  it('cannot reach prototypes', async () => {
    const [status] = await post('/', '{"__proto__":{"inputs":"a"}}');
    expect(status).toBe(422);
    const [nested] = await post('/', '{"inputs":"a","parameters":{"__proto__":{"top_k":5}}}');
    expect(nested).toBe(422);
    const response = await api.post('/', '{"inputs":"I lost my card","__proto__":{"model":"nope"}}');
    expect([response.status, await jsonOf(response)]).toEqual([200, [[expect.anything()]]]);
    expect(({} as Record<string, unknown>).inputs).toBeUndefined();
  });
});

describe('a body that is too large', () => {
  const TOO_LARGE = [
    413,
    'TooLarge',
    'the body has more than 1000 bytes, which is the limit; send several requests',
  ];
  const json = (length: number) => JSON.stringify({ inputs: 'x'.repeat(length) });

  it('is refused', async () => {
    expect(await post('/', json(2_000))).toEqual(TOO_LARGE);
  });

  it('is refused by its length, before it is read', async () => {
    let read = 0;
    const body = new ReadableStream(
      {
        pull: (controller) => {
          read += 1;
          controller.enqueue(new Uint8Array(100));
        },
      },
      { highWaterMark: 0 },
    );
    const headers = { 'Content-Type': 'application/json', 'Content-Length': '5000' };
    const response = await api.request('/', { method: 'POST', headers, body, duplex: 'half' });
    expect([await problemOf(response), read]).toEqual([TOO_LARGE, 0]);
  });

  it('is not read to its end where its length is unknown', async () => {
    let read = 0;
    let isCancelled = false;
    const body = new ReadableStream({
      pull: (controller) => {
        read += 100;
        controller.enqueue(new Uint8Array(100));
      },
      cancel: () => {
        isCancelled = true;
      },
    });
    const headers = { 'Content-Type': 'application/json' };
    const response = await api.request('/', { method: 'POST', headers, body, duplex: 'half' });
    expect(await problemOf(response)).toEqual(TOO_LARGE);
    expect(isCancelled).toBe(true);
    expect(read).toBeLessThan(2_000);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('is refused when it gets so by decompression: %s', async (encoding, compress) => {
    const bomb = compress(json(20_000_000));
    const roomy = testApi({ ...(await shippedParts()), limits: { ...LIMITS, bytes: 100_000 } });
    const before = process.memoryUsage().external;
    const response = await roomy.post('/', bomb, { 'Content-Encoding': encoding });
    expect((await problemOf(response))[0]).toBe(413);
    expect(process.memoryUsage().external - before).toBeLessThan(10_000_000);
  });

  it.each(['x', '-1', '1e9'])('is not read to its end where its length is no length: %s', async (length) => {
    expect(await post('/', json(2_000), { 'Content-Length': length })).toEqual(TOO_LARGE);
  });

  it('that lies about its length is refused all the same', async () => {
    expect(await post('/', json(2_000), { 'Content-Length': '10' })).toEqual(TOO_LARGE);
  });
});

describe('a body that breaks off', () => {
  it.each([{}, { 'Content-Length': '100' }])('is the fault of the request: %j', async (length) => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) });
    const headers = { 'Content-Type': 'application/json', ...length } as Record<string, string>;
    const init: RequestInit = { method: 'POST', headers, body, duplex: 'half' };
    expect(await problemOf(await api.request('/', init))).toEqual([
      400,
      'BadRequest',
      'the body did not arrive as a whole',
    ]);
  });
});

describe('Content-Encoding', () => {
  const BODY = '{"inputs":"I lost my card"}';

  it.each([
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', Buffer.from],
  ])('%s is read', async (encoding, compress) => {
    const response = await api.post('/', (compress as (text: string) => Buffer)(BODY), {
      'Content-Encoding': encoding,
    });
    expect(await jsonOf(response)).toEqual([[expect.objectContaining({ label: 'lost_or_stolen_card' })]]);
  });

  it.each(['zstd', 'gzip, gzip', 'x'])('%s is refused, with those that are read', async (encoding) => {
    const response = await api.post('/', BODY, { 'Content-Encoding': encoding });
    expect(response.headers.get('Accept-Encoding')).toBe('gzip, deflate, br');
    expect((await problemOf(response)).slice(0, 2)).toEqual([415, 'UnsupportedMediaType']);
  });

  it.each(['gzip', 'deflate', 'br'])('%s of other bytes is refused', async (encoding) => {
    const expected = [400, 'BadRequest', 'the body is not what Content-Encoding says'];
    expect(await post('/', BODY, { 'Content-Encoding': encoding })).toEqual(expected);
    expect(await post('/', '', { 'Content-Encoding': encoding })).toEqual(expected);
  });

  it('of half a stream is refused', async () => {
    expect(await post('/', gzipSync(BODY).subarray(0, 20), { 'Content-Encoding': 'gzip' })).toEqual([
      400,
      'BadRequest',
      'the body is not what Content-Encoding says',
    ]);
  });
});

describe('Content-Type', () => {
  const BODY = '{"inputs":"I lost my card"}';

  it.each([
    'application/json',
    'Application/JSON; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/vnd.api+json',
    '',
  ])('%j is JSON', async (type) => {
    expect((await api.post('/', BODY, { 'Content-Type': type })).status).toBe(200);
  });

  it('may be missing', async () => {
    const response = await api.request('/', { method: 'POST', body: Buffer.from(BODY) });
    expect(response.status).toBe(200);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'json',
    ';',
    'application/jsonlines',
  ])('%j is refused', async (type) => {
    expect(await post('/', BODY, { 'Content-Type': type })).toEqual([
      415,
      'UnsupportedMediaType',
      'send JSON, with the header Content-Type: application/json',
    ]);
  });

  it.each(['utf-16', 'iso-8859-1', 'x'])('with the charset %s is refused', async (charset) => {
    expect(await post('/', BODY, { 'Content-Type': `application/json; charset=${charset}` })).toEqual([
      415,
      'UnsupportedMediaType',
      'the charset of the body should be utf-8',
    ]);
  });

  it('of a parser for something else is refused at /invocations', async () => {
    expect((await post('/invocations', BODY, { 'Content-Type': 'application/x-npy' }))[0]).toBe(415);
  });
});

describe('the name of a model', () => {
  it.each([
    'nope',
    'banking77-tfidf@2',
    '@1',
    '__proto__',
    'constructor',
    'toString',
    '../../etc/passwd',
    '..%2f..%2fetc%2fpasswd',
    'a/b',
    '.',
    '',
    ' ',
    '\0',
    'é',
    '<script>',
    'x'.repeat(300),
  ])('that is none is not found: %j', async (name) => {
    const inBody = await post('/', { inputs: 'a', model: name });
    expect(inBody.slice(0, 2)).toEqual([404, 'NotFound']);
    expect(String(inBody[2]).length).toBeLessThan(200);
    const inQuery = await api.request(`/predict?text=a&model=${encodeURIComponent(name)}`);
    expect((await problemOf(inQuery)).slice(0, 2)).toEqual([404, 'NotFound']);
  });

  it.each(['nope', '__proto__', 'constructor', '%2e%2e%2fetc', 'a%2fb', '%00', '%', '%ff', 'x'.repeat(300)])(
    'that is none is not found in a path: %j',
    async (name) => {
      expect((await post(`/models/${name}`, { inputs: 'a' })).slice(0, 2)).toEqual([404, 'NotFound']);
      expect((await problemOf(await api.request(`/models/${name}`))).slice(0, 2)).toEqual([404, 'NotFound']);
    },
  );

  it('does not lead out of /models', async () => {
    expect(await post('/models/../../etc/passwd', { inputs: 'a' })).toEqual([
      404,
      'NotFound',
      'there is nothing at this path; GET /openapi.json has the paths there are',
    ]);
  });

  it('is not repeated where it is no name', async () => {
    expect((await post('/', { inputs: 'a', model: '<script>' }))[2]).toBe(
      'there is no model of that name; GET /models lists all',
    );
  });

  it('must be the same in path and body', async () => {
    expect(
      (await post('/models/banking77-minilm', { inputs: 'a', model: 'banking77-tfidf' })).slice(0, 2),
    ).toEqual([422, 'Validation']);
    expect(
      (await api.post('/models/banking77-tfidf', { inputs: 'a', model: 'banking77-tfidf' })).status,
    ).toBe(200);
  });
});

describe('a text that cannot be classified', () => {
  const LONG = 'the text has 51 characters; the limit is 50';
  const SURROGATE = 'the text has an unpaired surrogate';

  it.each([
    ['x'.repeat(51), LONG],
    ['😀'.repeat(51), LONG],
    ['\ud800', SURROGATE],
  ])('is a problem where it is the only one: %#', async (text, detail) => {
    for (const path of ['/', '/predict', '/invocations'])
      expect(await post(path, { inputs: text })).toEqual([422, 'Validation', detail]);
  });

  it('is counted in code points', async () => {
    expect((await api.post('/', { inputs: '😀'.repeat(50) })).status).toBe(200);
  });

  it('fails alone within a batch', async () => {
    const inputs = ['I lost my card', 'x'.repeat(51), '\ud800'];
    const answer = [
      [expect.objectContaining({ label: 'lost_or_stolen_card' })],
      { error: LONG, error_type: 'Validation' },
      { error: SURROGATE, error_type: 'Validation' },
    ];
    expect(await jsonOf(await api.post('/', { inputs }))).toEqual(answer);
    expect(await jsonOf(await api.post('/invocations', { inputs }))).toEqual(answer);
    const batch = { inputs: inputs.map((text) => [text]), parameters: { top_k: 1 } };
    expect(await jsonOf(await api.post('/predict', batch))).toEqual(answer);
  });

  it('is a pair, for a model of single texts', async () => {
    const inputs = { text: 'a', text_pair: 'b' };
    const detail = 'model banking77-tfidf@1 takes single texts, not pairs';
    expect(await post('/', { inputs })).toEqual([422, 'Tokenizer', detail]);
    expect(await jsonOf(await api.post('/', { inputs: ['a', inputs] }))).toEqual([
      [expect.anything()],
      { error: detail, error_type: 'Tokenizer' },
    ]);
  });
});

describe('a query', () => {
  it.each([
    ['', 422, 'query/text: is missing; send /predict?text=…'],
    ['text=a&text=b', 422, 'query/text: is given twice'],
    ['text=a&topk=1', 422, 'query: Unrecognized key: "topk"'],
    ['text=a&top_k=0', 422, 'query/top_k: Too small: expected number to be >=1'],
    ['text=a&top_k=007x', 422, 'query/top_k: Invalid input: expected number, received string'],
    ['text=a&__proto__=1', 422, expect.any(String)],
    ['text=%ff', 400, 'the query is not percent-encoded UTF-8'],
    ['text=%', 400, 'the query is not percent-encoded UTF-8'],
    [`text=${'x'.repeat(51)}`, 422, 'the text has 51 characters; the limit is 50'],
  ])('%s is refused', async (query, status, detail) => {
    const [told, , said] = await problemOf(await api.request(`/predict?${query}`));
    expect([told, said]).toEqual([status, detail]);
  });

  it('may hold what looks like a number as a text', async () => {
    expect((await api.request('/predict?text=007')).status).toBe(200);
  });
});

describe('a path or method', () => {
  it.each(['/x', '/models/a/b', '/v2/models', '/.env', '/%00', '/metrics'])(
    '%s is not found',
    async (path) => {
      expect((await problemOf(await api.request(path))).slice(0, 2)).toEqual([404, 'NotFound']);
      expect((await post(path, { inputs: 'a' })).slice(0, 2)).toEqual([404, 'NotFound']);
    },
  );

  it.each([
    ['/', 'GET, HEAD, POST, OPTIONS'],
    ['/models', 'GET, HEAD, OPTIONS'],
    ['/models/banking77-tfidf', 'GET, HEAD, POST, OPTIONS'],
    ['/predict', 'GET, HEAD, POST, OPTIONS'],
    ['/invocations', 'POST, OPTIONS'],
    ['/ping', 'GET, HEAD, OPTIONS'],
    ['/health', 'GET, HEAD, OPTIONS'],
    ['/info', 'GET, HEAD, OPTIONS'],
    ['/openapi.json', 'GET, HEAD, OPTIONS'],
  ])('%s allows %s', async (path, allowed) => {
    const options = await api.request(path, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('Allow')]).toEqual([204, allowed]);
    for (const method of ['PUT', 'PATCH', 'DELETE', 'BREW']) {
      const response = await api.request(path, { method });
      expect([(await problemOf(response))[0], response.headers.get('Allow')]).toEqual([405, allowed]);
    }
  });

  it('answers HEAD without a body', async () => {
    const response = await api.request('/ping', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect((await api.request('/invocations', { method: 'HEAD' })).status).toBe(405);
  });
});

describe('lines', () => {
  const linesOf = async (response: Response) =>
    (await response.text())
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const sent = async (body: string, type: string) =>
    linesOf(await api.post('/invocations', body, { 'Content-Type': type }));
  const LOST = [expect.objectContaining({ label: 'lost_or_stolen_card' })];
  const error = (text: string) => ({ error: expect.stringContaining(text), error_type: expect.any(String) });

  it('of JSON that are at fault are lines of their own', async () => {
    const answers = await Promise.all(
      [
        '{',
        '',
        '["a"]',
        '5',
        '{"inputs":"a","model":"nope"}',
        '{"inputs":["a"]}',
        '{"inputs":"a","parameters":{"x":1}}',
      ].map((line) =>
        sent(`"I lost my card"\n${line}\n{"text":"I lost my card"}\r\n`, 'application/jsonlines'),
      ),
    );
    expect(answers).toEqual(
      [
        'not JSON',
        'empty',
        'not a list',
        'should be a text',
        'no model nope',
        'not a list',
        'Unrecognized key',
      ].map((text) => [LOST, error(text), LOST]),
    );
  });

  it('of CSV that are at fault are lines of their own', async () => {
    const answers = await Promise.all(
      ['"a', 'a"b', '"a"b', 'a,b,c', '"\ud7ff', `${'x'.repeat(51)}`, 'a,b'].map((line) =>
        sent(`${line}\n`, 'text/csv'),
      ),
    );
    expect(answers).toEqual(
      ['not closed', 'not closed', 'not closed', '3 columns', 'not closed', 'limit is 50', 'not pairs'].map(
        (text) => [error(text)],
      ),
    );
    expect(await sent('I lost my card\na"b\n"I lost my card"\r\n', 'text/csv')).toEqual([
      LOST,
      error('mark'),
      LOST,
    ]);
  });

  it.each(['application/jsonlines', 'text/csv'])('that are too many are refused: %s', async (type) => {
    expect(await post('/invocations', '"a"\n'.repeat(4), { 'Content-Type': type })).toEqual([
      422,
      'Validation',
      'the body has more than 3 lines, which is the limit; send several requests',
    ]);
  });

  it('of CSV with a header of other columns are refused', async () => {
    const headers = { 'Content-Type': 'text/csv; header=present' };
    for (const header of ['a,b', 'text,text', 'text_pair', '"text', '']) {
      expect((await post('/invocations', `${header}\nx\n`, headers)).slice(0, 2)).toEqual([
        422,
        'Validation',
      ]);
    }
  });
});
