/** What every host of the prediction API must do, as a client of HTTP sees it. */
import { gzipSync } from 'node:zlib';
import type { Label } from '../../src/tasks/label-scores.ts';

export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** As sent: a name may come twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A host with the project's models, `banking77-tfidf` the default one, and the limits of `LIMITS`. */
export interface PredictHost {
  ask(request: HttpRequest): Promise<HttpAnswer>;
  stop(): Promise<void>;
}

/** The settings of a host. */
export const LIMITS = { MAX_TEXTS: 8, MAX_TEXT_CHARACTERS: 1_000, MAX_BODY_BYTES: 20_000 } as const;

const LOST = 'I lost my card yesterday, what now?';
const ARRIVAL = 'When will my new card arrive?';
const CATEGORY = 'lost_or_stolen_card';

const JSON_TYPE = ['content-type', 'application/json'] as const;
const label = { label: expect.any(String), score: expect.any(Number) };

export interface ContractOptions {
  /** Whether there is `GET /metrics`: only where something can come and ask. */
  readonly hasMetrics: boolean;
}

export const predictApiContract = (
  open: () => Promise<PredictHost>,
  { hasMetrics }: ContractOptions,
): void => {
  let host: PredictHost;
  beforeAll(async () => {
    host = await open();
  });
  afterAll(() => host.stop());

  const ask = (
    method: string,
    target: string,
    body?: string | Buffer,
    headers: HttpRequest['headers'] = body === undefined ? [] : [JSON_TYPE],
  ): Promise<HttpAnswer> =>
    host.ask({
      method,
      target,
      headers,
      ...(body !== undefined && { body: Buffer.isBuffer(body) ? body : Buffer.from(body) }),
    });
  const get = (target: string, headers: HttpRequest['headers'] = []) =>
    ask('GET', target, undefined, headers);
  const post = (target: string, value: unknown, headers?: HttpRequest['headers']) =>
    ask('POST', target, JSON.stringify(value), headers);

  /** The body as JSON, which says that it is JSON. */
  const jsonOf = <Value>({ status, headers, body }: HttpAnswer): Value => {
    expect([status, headers['content-type']]).toEqual([200, expect.stringMatching(/^application\/json\b/)]);
    const value: Value = JSON.parse(body.toString());
    return value;
  };

  /** A problem that each client can read. */
  const expectProblem = (
    { status, headers, body }: HttpAnswer,
    expected: number,
    type: string | undefined,
    detail: RegExp,
  ): void => {
    expect([status, headers['content-type']]).toEqual([expected, 'application/problem+json']);
    const problem: Readonly<Record<string, unknown>> = JSON.parse(body.toString());
    expect(problem).toMatchObject({
      type: expect.any(String),
      title: expect.any(String),
      status: expected,
      detail: expect.stringMatching(detail),
      error_type: type ?? expect.any(String),
    });
    expect(problem.error).toBe(problem.detail);
  };

  const labelsOfText = async (text: string, parameters: object = { top_k: 1 }): Promise<readonly Label[]> => {
    const [labels = []] = jsonOf<Label[][]>(await post('/', { inputs: text, parameters }));
    return labels;
  };

  describe("Hugging Face's shape", () => {
    it('gives a list with the labels of a text', async () => {
      const [labels, ...others] = jsonOf<Label[][]>(await post('/', { inputs: LOST }));
      expect(others).toEqual([]);
      expect(labels?.[0]).toEqual({ ...label, label: CATEGORY });
    });

    it('gives a list for each text of a list, the same as alone', async () => {
      const inputs = [LOST, ARRIVAL, LOST];
      const answers = jsonOf<Label[][]>(await post('/', { inputs, parameters: { top_k: 2 } }));
      const alone = await Promise.all(inputs.map((text) => labelsOfText(text, { top_k: 2 })));
      expect(answers).toEqual(alone);
    });

    it('gives nothing for no texts', async () => {
      expect(jsonOf(await post('/', { inputs: [] }))).toEqual([]);
    });

    it('takes as many labels as are asked for, all for null', async () => {
      for (const [topK, count] of [
        [1, 1],
        [5, 5],
        [1_000, 77],
        [null, 77],
      ])
        expect(await labelsOfText(LOST, { top_k: topK })).toHaveLength(count ?? 0);
    });

    it.each([
      ['its address', '/models/banking77-minilm', {}],
      ['its address with a version', '/models/banking77-minilm@1', {}],
      ['model in the body', '/', { model: 'banking77-minilm' }],
      ['model_type in the body', '/', { model_type: 'banking77-minilm@1' }],
    ])('asks for a model by %s', async (_, target, more) => {
      const [labels] = jsonOf<Label[][]>(
        await post(target, { inputs: LOST, parameters: { top_k: 2 }, ...more }),
      );
      const [byDefault] = jsonOf<Label[][]>(await post('/', { inputs: LOST, parameters: { top_k: 2 } }));
      expect(labels?.[0]?.label).toBe(CATEGORY);
      expect(labels).not.toEqual(byDefault);
    });

    it('applies another function to the scores, of a model that gives scores', async () => {
      const asked = { inputs: LOST, parameters: { top_k: null, function_to_apply: 'sigmoid' } };
      const [labels = []] = jsonOf<Label[][]>(await post('/models/banking77-minilm', asked));
      expect(labels.reduce((sum, { score }) => sum + score, 0)).toBeGreaterThan(1.5);
      expectProblem(await post('/', asked), 422, undefined, /function_to_apply/);
    });
  });

  describe('a person with a browser', () => {
    it('asks with a query', async () => {
      const text = encodeURIComponent('Wo ist meine Karte? 💳 & Geld');
      const answer = await get(`/predict?text=${text}&top_k=3&model=banking77-tfidf`);
      expect(jsonOf(answer)).toEqual(await labelsOfText('Wo ist meine Karte? 💳 & Geld', { top_k: 3 }));
    });
  });

  describe("Text Embeddings Inference's shape", () => {
    it('gives all labels of a text, flat', async () => {
      const labels = jsonOf<Label[]>(await post('/predict', { inputs: LOST }));
      expect(labels).toHaveLength(77);
      expect(labels).toEqual(await labelsOfText(LOST, { top_k: null }));
    });

    it('gives a list for each of a batch', async () => {
      const labels = jsonOf<Label[][]>(await post('/predict', { inputs: [[LOST], [ARRIVAL]] }));
      expect(labels.map((one) => one[0])).toEqual([
        (await labelsOfText(LOST))[0],
        (await labelsOfText(ARRIVAL))[0],
      ]);
    });

    it('takes two strings for a pair, which this model has no use for, and says how a batch is sent', async () => {
      const answer = await post('/predict', { inputs: [LOST, ARRIVAL] });
      expectProblem(answer, 422, 'Validation', /\[\["a"\], ?\["b"\]\]|\[\[.*\], ?\[.*\]\]/);
    });
  });

  describe("SageMaker's contract", () => {
    it('answers a ping', async () => {
      expect((await get('/ping')).status).toBe(200);
    });

    it('takes two strings for a batch', async () => {
      const asked = { inputs: [LOST, ARRIVAL], parameters: { top_k: 1 } };
      const answers = jsonOf<Label[][]>(await post('/invocations', asked));
      expect(answers).toEqual([await labelsOfText(LOST), await labelsOfText(ARRIVAL)]);
    });

    it('answers lines of JSON with as many', async () => {
      const lines = [LOST, ARRIVAL].map((inputs) => JSON.stringify({ inputs }));
      const answer = await ask('POST', '/invocations', `${lines.join('\n')}\n`, [
        ['content-type', 'application/jsonlines'],
      ]);
      expect([answer.status, answer.headers['content-type']]).toEqual([
        200,
        expect.stringContaining('application/jsonlines'),
      ]);
      const said = answer.body.toString().trimEnd().split('\n');
      expect(said).toHaveLength(2);
      for (const line of said) expect(line).toContain('"label"');
    });

    it('answers rows of CSV with as many', async () => {
      const answer = await ask('POST', '/invocations', `"my ""card"", lost"\n${ARRIVAL}\n`, [
        ['content-type', 'text/csv'],
        ['accept', 'text/csv'],
      ]);
      expect([answer.status, answer.headers['content-type']]).toEqual([
        200,
        expect.stringContaining('text/csv'),
      ]);
      const rows = answer.body.toString().trimEnd().split(/\r?\n/);
      expect(rows).toEqual([expect.stringMatching(/^\w+,0\.\d+/), expect.stringMatching(/^\w+,0\.\d+/)]);
    });
  });

  describe('what there is', () => {
    it('lists the models', async () => {
      const text = (await get('/models')).body.toString();
      for (const name of ['banking77-tfidf', 'banking77-mini', 'banking77-minilm', 'banking77-cascade'])
        expect(text).toContain(name);
    });

    it('describes one', async () => {
      for (const target of ['/models/banking77-tfidf', '/models/banking77-tfidf@1'])
        expect(jsonOf(await get(target))).toMatchObject({
          name: 'banking77-tfidf',
          version: '1',
          task: 'text-classification',
          labels: expect.arrayContaining([CATEGORY]),
        });
    });

    it('says how it is, what it is and how to ask it', async () => {
      expect((await get('/health')).status).toBe(200);
      expect(jsonOf(await get('/info'))).toMatchObject({
        model_id: expect.stringContaining('banking77-tfidf'),
        max_client_batch_size: LIMITS.MAX_TEXTS,
      });
      expect(jsonOf(await get('/openapi.json'))).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) });
    });

    it(hasMetrics ? 'tells its metrics' : 'has no metrics to tell', async () => {
      const answer = await get('/metrics');
      if (hasMetrics) {
        expect([answer.status, answer.headers['content-type']]).toEqual([
          200,
          expect.stringMatching(/^text\/plain\b/),
        ]);
        expect(answer.body.toString()).toMatch(/^# TYPE /m);
      } else expectProblem(answer, 404, 'NotFound', /./);
    });

    it('answers HEAD as GET, without a body', async () => {
      for (const target of ['/health', '/models']) {
        const { status, body } = await ask('HEAD', target);
        expect([status, body.length]).toEqual([200, 0]);
      }
    });
  });

  describe('a body', () => {
    const asked = JSON.stringify({ inputs: `${LOST} — 💳`, parameters: { top_k: 1 } });

    it.each<[string, HttpRequest['headers'], Buffer]>([
      ['without a Content-Type', [], Buffer.from(asked)],
      ['of JSON with a charset', [['content-type', 'application/json; charset=utf-8']], Buffer.from(asked)],
      ['whose header is in capitals', [['CONTENT-TYPE', 'Application/JSON']], Buffer.from(asked)],
      ['that is gzipped', [JSON_TYPE, ['content-encoding', 'gzip']], gzipSync(asked)],
      ['that is gzipped, without a Content-Type', [['content-encoding', 'gzip']], gzipSync(asked)],
      [
        'beside headers that come twice',
        [
          JSON_TYPE,
          ['x-forwarded-for', '192.0.2.1'],
          ['x-forwarded-for', '192.0.2.2'],
          ['accept', 'text/plain'],
          ['accept', 'application/json'],
        ],
        Buffer.from(asked),
      ],
    ])('%s is read', async (_, headers, body) => {
      expect(jsonOf(await ask('POST', '/', body, headers))).toEqual([await labelsOfText(`${LOST} — 💳`)]);
    });

    it.each<[string, HttpRequest['headers'], Buffer, number, string]>([
      ['that is empty', [JSON_TYPE], Buffer.alloc(0), 400, 'BadRequest'],
      ['that is no JSON', [JSON_TYPE], Buffer.from('{"inputs":'), 400, 'BadRequest'],
      ['that is no UTF-8', [JSON_TYPE], Buffer.from([0x22, 0xff, 0x22]), 400, 'BadRequest'],
      [
        'that is not what its encoding says',
        [JSON_TYPE, ['content-encoding', 'gzip']],
        Buffer.from(asked),
        400,
        'BadRequest',
      ],
      [
        'of an unknown encoding',
        [JSON_TYPE, ['content-encoding', 'zip']],
        Buffer.from(asked),
        415,
        'UnsupportedMediaType',
      ],
      [
        'of another type',
        [['content-type', 'application/xml']],
        Buffer.from('<a/>'),
        415,
        'UnsupportedMediaType',
      ],
      [
        'that is too large',
        [JSON_TYPE],
        Buffer.from(JSON.stringify({ inputs: Array(40).fill('x'.repeat(900)) })),
        413,
        'TooLarge',
      ],
      [
        'that is too large when unpacked',
        [JSON_TYPE, ['content-encoding', 'gzip']],
        gzipSync(JSON.stringify({ inputs: 'x'.repeat(1_000_000) })),
        413,
        'TooLarge',
      ],
    ])('%s is refused', async (_, headers, body, status, type) => {
      expectProblem(await ask('POST', '/', body, headers), status, type, /./);
    });
  });

  describe('a request', () => {
    it.each<[string, unknown, RegExp]>([
      ['without inputs', {}, /inputs/],
      ['that is a list', [LOST], /body/],
      ['of a text that is a number', { inputs: 7 }, /inputs/],
      ['of a list with a number', { inputs: [LOST, 7] }, /inputs\/1/],
      [
        'of too many texts',
        { inputs: Array(LIMITS.MAX_TEXTS + 1).fill(LOST) },
        new RegExp(`${LIMITS.MAX_TEXTS}`),
      ],
      ['of a text too long', { inputs: 'x'.repeat(LIMITS.MAX_TEXT_CHARACTERS + 1) }, /1000/],
      ['for a negative number of labels', { inputs: LOST, parameters: { top_k: -1 } }, /top_k/],
      [
        'for an unknown function',
        { inputs: LOST, parameters: { function_to_apply: 'relu' } },
        /function_to_apply/,
      ],
    ])('%s is refused, and told where', async (_, value, detail) => {
      expectProblem(await post('/', value), 422, 'Validation', detail);
    });

    it('fails for the one text that cannot be classified alone', async () => {
      const inputs = [LOST, 'x'.repeat(LIMITS.MAX_TEXT_CHARACTERS + 1), ARRIVAL];
      const [first, second, third] = jsonOf<unknown[]>(await post('/', { inputs, parameters: { top_k: 1 } }));
      expect([first, third]).toEqual([await labelsOfText(LOST), await labelsOfText(ARRIVAL)]);
      expect(JSON.stringify(second)).toMatch(/1001.*1000/);
    });

    it.each(['nobody', 'banking77-tfidf@2', '__proto__', 'constructor', '..%2f..%2fetc%2fpasswd', '%00'])(
      'for the model %s is refused with 404',
      async (name) => {
        expectProblem(await post(`/models/${name}`, { inputs: LOST }), 404, 'NotFound', /./);
        expectProblem(await get(`/models/${name}`), 404, 'NotFound', /./);
        const model = decodeURIComponent(name);
        expectProblem(await post('/', { inputs: LOST, model }), 404, 'NotFound', /./);
      },
    );

    it.each(['/nowhere', '/models/banking77-tfidf/x', '//etc/passwd'])(
      'of %s finds nothing',
      async (target) => {
        expectProblem(await get(target), 404, 'NotFound', /./);
      },
    );

    it.each([
      ['DELETE', '/', 'POST'],
      ['PUT', '/models/banking77-tfidf', 'POST'],
      ['GET', '/invocations', 'POST'],
      ['POST', '/health', 'GET'],
    ])('by %s of %s is told what is allowed', async (method, target, allowed) => {
      const answer = await ask(method, target);
      expectProblem(answer, 405, 'MethodNotAllowed', /./);
      expect(answer.headers.allow).toContain(allowed);
    });
  });
};
