import { hash } from 'node:crypto';
import { ModelError, PermanentError } from '../../src/errors.ts';
import { OverloadedError } from '../../src/http/overloaded-error.ts';
import type { PredictParts, ReportedRequest } from '../../src/http/predict-api.ts';
import { modelRegistry } from '../../src/models/catalogue/registry.ts';
import { type Label, type LabelPrediction, ranked } from '../../src/tasks/label-scores.ts';
import { roundedScore } from '../../src/tasks/scores.ts';
import { fakeFolders, fakeLoader } from '../support/fake-models.ts';
import { shippedParts, type TestApi, testApi } from '../support/predict-api.ts';
import { copyOf } from '../support/transformers.ts';

const LIMITS = { texts: 100, characters: 1_000, bytes: 100_000 };

const LABELS = ['cat', 'dog', 'owl'];
const LOGITS = Float32Array.from([1, 3, -2]);

/** What a model with three labels says, which gives one of them by itself. */
const logitsOf = (): LabelPrediction => {
  const scores = { values: LOGITS, labels: LABELS, activation: 'softmax', kind: 'logits' } as const;
  return { labels: ranked(LOGITS, LABELS, 'softmax').slice(0, 1), scores };
};

interface FakeOptions extends Partial<PredictParts> {
  readonly say?: (id: string) => LabelPrediction;
}

/** The API with models that are nowhere: `one` (versions 1, 2 and 10; the default) and `two`. */
const fakeApi = ({ say = logitsOf, ...parts }: FakeOptions = {}) => {
  const catalogue = fakeFolders([
    { name: 'one', version: '1' },
    { name: 'one', version: '10' },
    { name: 'one', version: '2' },
    { name: 'two' },
  ]);
  const loader = fakeLoader(say);
  const models = modelRegistry(catalogue, { defaultModels: ['one'], load: loader.load });
  return { ...testApi({ models, catalogue, limits: LIMITS, ...parts }), loader };
};

const jsonOf = async (response: Response) => JSON.parse(await response.text());
const answerOf = async (sent: Promise<Response>) => jsonOf(await sent);

const scores = (activation: 'none' | 'softmax' | 'sigmoid') =>
  ranked(LOGITS, LABELS, activation).map(({ label, score }) => ({ label, score: roundedScore(score) }));

describe('POST /', () => {
  it("gives Hugging Face's clients the labels of one text within a list, as many as the model gives", async () => {
    const response = await fakeApi().post('/', { inputs: 'a' });
    expect([response.status, await jsonOf(response)]).toEqual([200, [scores('softmax').slice(0, 1)]]);
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-model': 'one@10',
    });
  });

  it('gives a list of labels for each of several texts', async () => {
    const { post } = fakeApi();
    const one = scores('softmax').slice(0, 1);
    expect(await answerOf(post('/', { inputs: ['a', { text: 'b' }, 'a'] }))).toEqual([one, one, one]);
    expect(await answerOf(post('/', { inputs: ['a'] }))).toEqual([one]);
    expect(await answerOf(post('/', { inputs: [] }))).toEqual([]);
  });

  it.each([
    [{}, scores('softmax').slice(0, 1)],
    [null, scores('softmax').slice(0, 1)],
    [{ top_k: 1 }, scores('softmax').slice(0, 1)],
    [{ top_k: 2 }, scores('softmax').slice(0, 2)],
    [{ top_k: 3 }, scores('softmax')],
    [{ top_k: 1_000 }, scores('softmax')],
    [{ top_k: null }, scores('softmax')],
    [{ top_k: null, function_to_apply: null }, scores('softmax')],
    [{ top_k: null, function_to_apply: 'softmax' }, scores('softmax')],
    [{ top_k: null, function_to_apply: 'sigmoid' }, scores('sigmoid')],
    [{ top_k: 2, function_to_apply: 'none' }, scores('none').slice(0, 2)],
    [{ function_to_apply: 'none' }, scores('none').slice(0, 1)],
    [{ truncation: true }, scores('softmax').slice(0, 1)],
  ])('ranks the labels as the parameters ask: %j', async (parameters, expected) => {
    expect(await answerOf(fakeApi().post('/', { inputs: 'a', parameters }))).toEqual([expected]);
  });

  it('applies no other function to probabilities', async () => {
    const values = Float32Array.from([0.5, 0.25, 0.25]);
    const say = (): LabelPrediction => ({
      labels: [{ label: 'cat', score: 0.5 }],
      scores: { values, labels: LABELS, activation: 'none', kind: 'probabilities' },
    });
    const { post } = fakeApi({ say });
    const response = await post('/', { inputs: 'a', parameters: { function_to_apply: 'softmax' } });
    expect([response.status, (await jsonOf(response)).error_type]).toEqual([422, 'Validation']);
    expect(await answerOf(post('/', { inputs: 'a', parameters: { function_to_apply: 'none' } }))).toEqual([
      [{ label: 'cat', score: 0.5 }],
    ]);
  });

  it('ignores what only other servers know', async () => {
    const body = { inputs: 'a', options: { wait_for_model: true, use_cache: false } };
    expect((await fakeApi().post('/', body)).status).toBe(200);
  });

  it.each([
    ['/', {}, 'one@10'],
    ['/', { model: 'one' }, 'one@10'],
    ['/', { model: 'one@2' }, 'one@2'],
    ['/', { model_type: 'two' }, 'two@1'],
    ['/', { model: 'two', model_type: 'two' }, 'two@1'],
    ['/', { model: null }, 'one@10'],
    ['/models/two', {}, 'two@1'],
    ['/models/one@1', {}, 'one@1'],
    ['/models/one%401', {}, 'one@1'],
    ['/models/two/', {}, 'two@1'],
    ['/predict', { model: 'two' }, 'two@1'],
    ['/invocations', { model: 'two' }, 'two@1'],
  ])('%s with %j is answered by %3$s', async (path, names, model) => {
    const { post, loader } = fakeApi();
    const response = await post(path, { inputs: 'a', ...names });
    expect([response.status, response.headers.get('X-Model')]).toEqual([200, model]);
    expect(loader.asked).toEqual([`${model} a`]);
  });

  it('waits for a model that is not loaded yet', async () => {
    const { post, loader } = fakeApi();
    expect(loader.loads).toEqual([]);
    expect((await post('/', { inputs: 'a' })).status).toBe(200);
    expect(loader.loads).toEqual(['one@10']);
  });
});

describe('POST /predict', () => {
  it('gives clients of Text Embeddings Inference all labels, flat for one text, nested for a batch', async () => {
    const { post } = fakeApi();
    expect(await answerOf(post('/predict', { inputs: 'a' }))).toEqual(scores('softmax'));
    expect(await answerOf(post('/predict', { inputs: [['a'], ['b']] }))).toEqual([
      scores('softmax'),
      scores('softmax'),
    ]);
  });

  it('gives raw scores', async () => {
    expect(await answerOf(fakeApi().post('/predict', { inputs: 'a', raw_scores: true }))).toEqual(
      scores('none'),
    );
  });

  it('refuses a text that is longer than the model takes only with `truncate: false`', async () => {
    const { post } = fakeApi({ say: () => ({ ...logitsOf(), truncated: true }) });
    expect((await post('/predict', { inputs: 'a' })).status).toBe(200);
    expect(
      (await post('/predict', { inputs: 'a', truncate: true, truncation_direction: 'Right' })).status,
    ).toBe(200);
    const response = await post('/predict', { inputs: 'a', truncate: false });
    expect([response.status, (await jsonOf(response)).detail]).toEqual([
      422,
      'the text has more tokens than the model takes; leave out truncate, or set it to true',
    ]);
  });

  it('refuses to truncate on the left', async () => {
    const response = await fakeApi().post('/predict', { inputs: 'a', truncation_direction: 'Left' });
    expect([response.status, (await jsonOf(response)).errors[0].pointer]).toEqual([
      422,
      '/truncation_direction',
    ]);
  });

  it.each([
    [['a', 'b']],
    [['a']],
    [['a', 'b', 'c']],
    [['a', ['b']]],
    [[['a', 'b', 'c']]],
    [[[]]],
    [[['a', 5]]],
  ])('refuses %j of a model of single texts, and says how to send a batch', async (inputs) => {
    const response = await fakeApi().post('/predict', { inputs });
    expect(response.status).toBe(422);
    const { detail } = await jsonOf(response);
    expect(detail).toMatch(/\[\["a"\], \["b"\]\]|should be a list of a text, or of the two texts of a pair/);
  });
});

describe('a model of pairs', () => {
  let api: TestApi;
  const asked: unknown[] = [];
  beforeEach(() => {
    asked.length = 0;
    const [folder] = fakeFolders([{ name: 'nli' }]);
    const catalogue =
      folder === undefined ? [] : [{ ...folder, manifest: { ...folder.manifest, pairs: true } }];
    const models = modelRegistry(catalogue, {
      defaultModels: ['nli'],
      load: async () => ({
        ...{ id: 'nli@1', task: 'text-classification', attribute: 'label' },
        classify: async (inputs) => {
          asked.push(...inputs);
          return inputs.map(logitsOf);
        },
      }),
    });
    api = testApi({ models, catalogue, limits: LIMITS });
  });

  const PAIR = { text: 'a', textPair: 'b' };

  it.each([
    ['/predict', { inputs: ['a', 'b'] }, [PAIR], scores('softmax')],
    ['/predict', { inputs: [['a', 'b']] }, [PAIR], [scores('softmax')]],
    ['/predict', { inputs: [['a', 'b'], ['c']] }, [PAIR, 'c'], [scores('softmax'), scores('softmax')]],
    ['/', { inputs: { text: 'a', text_pair: 'b' } }, [PAIR], [scores('softmax').slice(0, 1)]],
    ['/', { inputs: [{ text: 'a', text_pair: 'b' }] }, [PAIR], [scores('softmax').slice(0, 1)]],
    ['/', { inputs: ['a', 'b'] }, ['a', 'b'], [scores('softmax').slice(0, 1), scores('softmax').slice(0, 1)]],
  ])('%s takes %j', async (path, body, inputs, answer) => {
    expect(await answerOf(api.post(path, body))).toEqual(answer);
    expect(asked).toEqual(inputs);
  });

  it('takes pairs in a query and in lines, too', async () => {
    expect((await api.request('/predict?text=a&text_pair=b')).status).toBe(200);
    await api.post('/invocations', '{"text":"a","text_pair":"b"}\n', {
      'Content-Type': 'application/jsonlines',
    });
    await api.post('/invocations', 'a,b\n', { 'Content-Type': 'text/csv' });
    await api.post('/invocations', 'text_pair,inputs\nb,a\n', { 'Content-Type': 'text/csv; header=present' });
    expect(asked).toEqual([PAIR, PAIR, PAIR, PAIR]);
  });

  it('is described as one', async () => {
    expect(await jsonOf(await api.request('/models/nli'))).toMatchObject({ id: 'nli@1', pairs: true });
  });
});

describe('a transformer', () => {
  it('of pairs says so in its manifest, and gives other scores by another function', async () => {
    const copy = copyOf('bert', { pairs: true });
    const { post } = testApi(await shippedParts({ MODEL: 'bert', MODELS_DIR: copy.directory }));
    const labelsOf = async (path: string, body: object): Promise<readonly Label[]> => {
      const answer = [await answerOf(post(path, body))].flat(2);
      return answer as readonly Label[];
    };
    const apply = (name: string) =>
      labelsOf('/', { inputs: 'card', parameters: { top_k: null, function_to_apply: name } });
    const pair = await labelsOf('/predict', { inputs: ['card', 'cash'] });
    expect(pair).toEqual(
      await labelsOf('/', { inputs: { text: 'card', text_pair: 'cash' }, parameters: { top_k: null } }),
    );
    expect(pair.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    const raw = await apply('none');
    expect(raw).toHaveLength(4);
    expect(await apply('sigmoid')).toEqual(
      raw.map(({ label, score }) => ({ label, score: expect.closeTo(1 / (1 + Math.exp(-score)), 5) })),
    );
    copy.release();
  });
});

describe('GET /predict', () => {
  it('gives people with a browser the labels of a text', async () => {
    const { request } = fakeApi();
    expect(await answerOf(request('/predict?text=a%20b'))).toEqual(scores('softmax').slice(0, 1));
    expect(await answerOf(request('/predict?text=a&top_k=2'))).toEqual(scores('softmax').slice(0, 2));
    expect(await answerOf(request('/predict?text=a&top_k=null&function_to_apply=none'))).toEqual(
      scores('none'),
    );
    expect((await request('/predict?text=a&model=two')).headers.get('X-Model')).toBe('two@1');
  });
});

describe('POST /invocations', () => {
  const one = scores('softmax').slice(0, 1);

  it("takes JSON as Hugging Face's pipelines do", async () => {
    const { post } = fakeApi();
    expect(await answerOf(post('/invocations', { inputs: 'a' }))).toEqual(one);
    expect(await answerOf(post('/invocations', { inputs: ['a', 'b'] }))).toEqual([one, one]);
  });

  it.each(['application/jsonlines', 'application/x-ndjson'])(
    'answers each line of %s by a line',
    async (type) => {
      const { post, loader } = fakeApi();
      const body = [
        '"a"',
        '{"inputs":"b","parameters":{"top_k":2}}',
        '{"inputs":"c","model":"two"}',
        '"d"',
      ].join('\n');
      const response = await post('/invocations', body, { 'Content-Type': type });
      expect(response.headers.get('Content-Type')).toBe('application/jsonlines');
      expect(await response.text()).toBe(
        [one, scores('softmax').slice(0, 2), one, one]
          .map((labels) => `${JSON.stringify(labels)}\n`)
          .join(''),
      );
      expect(loader.asked).toEqual(['one@10 a', 'one@10 b', 'one@10 d', 'two@1 c']);
      expect(response.headers.get('X-Model')).toBe('one@10, two@1');
    },
  );

  it('answers each row of text/csv by a line, of JSON or CSV', async () => {
    const { post, loader } = fakeApi();
    const body = 'a\r\n"b, ""b""\nb"\r\n\r\nc';
    const json = await post('/invocations', body, { 'Content-Type': 'text/csv' });
    expect(
      (await json.text())
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ).toEqual([one, one, one, one]);
    expect(loader.asked).toEqual(['one@10 a', 'one@10 b, "b"\nb', 'one@10 ', 'one@10 c']);
    const csv = await post('/invocations', 'a\na,b,c\n', { 'Content-Type': 'text/csv', Accept: 'text/csv' });
    expect(csv.headers.get('Content-Type')).toBe('text/csv; charset=utf-8');
    expect((await csv.text()).split('\n')).toEqual([
      `dog,${one[0]?.score}`,
      expect.stringMatching(/^,,"the line has 3 columns, .*"$/),
      '',
    ]);
  });

  it('has nothing to say to nothing', async () => {
    for (const type of ['application/jsonlines', 'text/csv']) {
      const response = await fakeApi().post('/invocations', '', { 'Content-Type': type });
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
  });
});

describe('a model that fails', () => {
  const failing = (error: Error) => {
    const catalogue = fakeFolders([{ name: 'one' }]);
    const reports: ReportedRequest[] = [];
    const models = modelRegistry(catalogue, {
      defaultModels: ['one'],
      load: async () => ({
        ...{ id: 'one@1', task: 'text-classification', attribute: 'label' },
        classify: async () => {
          throw error;
        },
      }),
    });
    return { ...testApi({ models, catalogue, limits: LIMITS, report: (one) => reports.push(one) }), reports };
  };

  it('is an error of the server, which tells its log why, and nobody else', async () => {
    const { post, reports } = failing(new Error('secret of /opt/models'));
    for (const inputs of ['a', ['a', 'b']]) {
      const response = await post('/', { inputs });
      const text = await response.text();
      expect([response.status, JSON.parse(text).error_type]).toEqual([500, 'Backend']);
      expect(text).not.toMatch(/secret|opt/);
    }
    expect(reports.map(({ status, failure }) => [status, failure])).toEqual([
      [500, 'model one@1 could not classify 1 texts: Error'],
      [500, 'model one@1 could not classify 2 texts: Error'],
    ]);
  });

  it('because there is too much to do says when to come again', async () => {
    const { post, reports } = failing(new OverloadedError('4000 texts wait already', 1.2));
    for (const [path, body, type] of [
      ['/', '{"inputs":"a"}', 'application/json'],
      ['/predict', '{"inputs":"a"}', 'application/json'],
      ['/invocations', '"a"\n', 'application/jsonlines'],
    ] as const) {
      const response = await post(path, body, { 'Content-Type': type });
      expect([response.status, response.headers.get('Retry-After')]).toEqual([429, '2']);
      expect(await jsonOf(response)).toMatchObject({
        error_type: 'Overloaded',
        detail: '4000 texts wait already',
      });
    }
    expect(reports.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined]);
  });

  it('for one text fails for no other', async () => {
    let count = 0;
    const say = (): LabelPrediction => {
      count += 1;
      return count === 2 ? { error: new PermanentError('bad-score', 'not a number') } : logitsOf();
    };
    expect(await answerOf(fakeApi({ say }).post('/', { inputs: ['a', 'b', 'c'] }))).toEqual([
      scores('softmax').slice(0, 1),
      { error: 'not a number', error_type: 'Backend' },
      scores('softmax').slice(0, 1),
    ]);
  });

  it('to load is tried again by the next request', async () => {
    const { post, loader } = fakeApi();
    loader.failures.push(new ModelError('/opt/models/one/10 is corrupt'));
    const response = await post('/', { inputs: 'a' });
    expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining('/opt')]);
    expect((await post('/', { inputs: 'a' })).status).toBe(200);
  });
});

describe('GET /health and /ping', () => {
  it('say whether the default model is loaded', async () => {
    const { request, loader } = fakeApi();
    expect(await answerOf(request('/health'))).toEqual({ status: 'ok' });
    expect((await request('/ping')).status).toBe(200);
    expect(loader.loads).toEqual(['one@10']);
    expect(loader.asked).toEqual([]);
  });

  it('are 503 and 500 where it cannot be, and only /health is 503', async () => {
    const { request, loader } = fakeApi();
    loader.failures.push(new ModelError('corrupt'), new ModelError('corrupt'));
    const response = await request('/health');
    expect([response.status, (await jsonOf(response)).error_type]).toEqual([503, 'Unhealthy']);
    expect((await request('/ping')).status).toBe(500);
  });

  it('fail while the server stops, which still answers', async () => {
    const { request, post } = fakeApi({ ready: () => false });
    expect((await request('/health')).status).toBe(503);
    expect((await post('/', { inputs: 'a' })).status).toBe(200);
  });
});

describe('descriptions', () => {
  it('list the models', async () => {
    const models = await answerOf(fakeApi().request('/models'));
    expect(
      (models as readonly { id: string; default: boolean }[]).map(({ id, default: isDefault }) => [
        id,
        isDefault,
      ]),
    ).toEqual([
      ['one@1', false],
      ['one@10', true],
      ['one@2', false],
      ['two@1', false],
    ]);
  });

  it('tell of one what it takes and gives', async () => {
    expect(await answerOf(fakeApi().request('/models/one'))).toEqual({
      ...{ id: 'one@10', name: 'one', version: '10', versions: ['1', '2', '10'], default: true },
      ...{ task: 'text-classification', format: 'sklearn', pairs: false, labels: ['x', 'y'], limits: LIMITS },
    });
  });

  it('of the shipped models have labels, accuracy, licence and limits', async () => {
    const { request } = testApi(await shippedParts());
    for (const name of ['banking77-tfidf', 'banking77-mini', 'banking77-minilm', 'banking77-cascade']) {
      const model = await answerOf(request(`/models/${name}`));
      expect(model).toMatchObject({ metrics: { accuracy: expect.any(Number) }, license: expect.any(String) });
      expect(model.labels).toHaveLength(77);
      expect(model.limits.tokens).toEqual(name.includes('mini') ? expect.any(Number) : undefined);
    }
    expect(await answerOf(request('/info'))).toMatchObject({
      model_id: 'banking77-tfidf@1',
      max_client_batch_size: 1_000,
      model_type: { classifier: { id2label: { 0: 'Refund_not_showing_up' } } },
    });
  });
});

describe('GET /metrics', () => {
  it('is there only where there are metrics', async () => {
    expect((await fakeApi().request('/metrics')).status).toBe(404);
    const response = await fakeApi({ metrics: () => 'up 1\n' }).request('/metrics');
    expect([await response.text(), response.headers.get('Content-Type')]).toEqual([
      'up 1\n',
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
  });
});

describe('a key', () => {
  const KEY = 'a-key-of-the-api';
  const keyed = () => fakeApi({ keySha256: hash('sha256', KEY), metrics: () => '' });
  const bearing = (Authorization: string) => ({ headers: { Authorization } });

  it.each([`Bearer ${KEY}`, `bearer  ${KEY} `])('that is right opens everything: %j', async (header) => {
    const { post, request } = keyed();
    expect((await post('/', { inputs: 'a' }, { Authorization: header })).status).toBe(200);
    expect((await request('/models', bearing(header))).status).toBe(200);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${KEY}x`,
    KEY,
    `Basic ${KEY}`,
    `Bearer ${KEY} x`,
    `Bearer ${hash('sha256', KEY)}`,
  ])('that is wrong opens nothing: %j', async (header) => {
    const { post, request, loader } = keyed();
    const headers: Record<string, string> = header === undefined ? {} : { Authorization: header };
    for (const path of ['/', '/models/one', '/predict', '/invocations']) {
      const response = await post(path, { inputs: 'a' }, headers);
      expect([response.status, response.headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer']);
      expect((await jsonOf(response)).error_type).toBe('Unauthorized');
    }
    for (const path of ['/models', '/models/one', '/predict?text=a', '/info', '/metrics'])
      expect((await request(path, { headers })).status).toBe(401);
    expect(loader.asked).toEqual([]);
  });

  it('is not needed to see whether the API is there, and how it is asked', async () => {
    const { request } = keyed();
    for (const path of ['/', '/ping', '/health', '/openapi.json'])
      expect((await request(path)).status).toBe(200);
    expect((await request('/models', { method: 'OPTIONS' })).status).toBe(204);
  });
});

describe('CORS', () => {
  const ORIGIN = 'https://example.org';
  const preflight = {
    method: 'OPTIONS',
    headers: {
      Origin: ORIGIN,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type',
    },
  };
  const allowed = (response: Response) => response.headers.get('Access-Control-Allow-Origin');

  it('is off unless it is set', async () => {
    const { request, post } = fakeApi();
    expect(allowed(await request('/', preflight))).toBeNull();
    expect(allowed(await post('/', { inputs: 'a' }, { Origin: ORIGIN }))).toBeNull();
  });

  it.each([
    [[ORIGIN], ORIGIN, ORIGIN],
    [['https://other.example', ORIGIN], ORIGIN, ORIGIN],
    [['*'], ORIGIN, '*'],
    [['https://other.example'], ORIGIN, null],
  ])('of %j lets %s in as %s', async (corsOrigins, origin, expected) => {
    const { request, post } = fakeApi({ corsOrigins });
    expect(allowed(await request('/', preflight))).toBe(expected);
    expect(allowed(await post('/', { inputs: 'a' }, { Origin: origin }))).toBe(expected);
    expect(allowed(await post('/', '{', { Origin: origin }))).toBe(expected);
  });

  it('is asked for without the key', async () => {
    const { request } = fakeApi({ corsOrigins: [ORIGIN], keySha256: hash('sha256', 'key') });
    expect((await request('/models/one', preflight)).status).toBe(204);
  });
});

describe('a request id', () => {
  it('is repeated where it is one', async () => {
    const { post } = fakeApi();
    const idOf = async (id: string, body: unknown) =>
      (await post('/', body, { 'X-Request-Id': id })).headers.get('X-Request-Id');
    expect(await idOf('0b1c-2', { inputs: 'a' })).toBe('0b1c-2');
    expect(await idOf('0b1c-2', {})).toBe('0b1c-2');
    expect(await idOf('<b>', { inputs: 'a' })).toBeNull();
    expect(await idOf('x'.repeat(200), { inputs: 'a' })).toBeNull();
  });
});

describe('reports', () => {
  it('tell what a request was about, and no text', async () => {
    const reports: ReportedRequest[] = [];
    const { post, request } = fakeApi({ report: (one) => reports.push(one) });
    await post('/models/two', { inputs: ['S3CR3T', 'b'] });
    await post('/', { inputs: 'S3CR3T', parameters: { x: 1 } });
    await request('/predict?text=S3CR3T');
    await request('/S3CR3T');
    await request('/models/S3CR3T');
    await post('/invocations', '"S3CR3T"\n{"inputs":"b","model":"two"}\n{\n', {
      'Content-Type': 'application/jsonlines',
    });
    const ms: unknown = expect.any(Number);
    expect(reports).toEqual([
      { method: 'POST', route: '/models/:name', status: 200, models: ['two@1'], texts: 2, ms },
      { method: 'POST', route: '/', status: 422, models: [], texts: 0, ms },
      { method: 'GET', route: '/predict', status: 200, models: ['one@10'], texts: 1, ms },
      { method: 'GET', route: '*', status: 404, models: [], texts: 0, ms },
      { method: 'GET', route: '/models/:name', status: 404, models: [], texts: 0, ms },
      { method: 'POST', route: '/invocations', status: 200, models: ['one@10', 'two@1'], texts: 3, ms },
    ]);
    expect(JSON.stringify(reports)).not.toContain('S3CR3T');
  });
});
