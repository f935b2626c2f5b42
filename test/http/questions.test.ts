/** Question answering over HTTP, with a toy model; Hugging Face's client for JavaScript unchanged. */
import { InferenceClient } from '@huggingface/inference';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { type RequestServer, serveRequests } from '../../src/server/serve-requests.ts';
import { shippedParts, type TestApi, testApi } from '../support/predict-api.ts';
import { toyReader } from '../support/toy-reader.ts';
import type { Copy } from '../support/transformers.ts';

const CLASSIFIER = join(import.meta.dirname, '..', '..', 'models', 'banking77-tfidf');
const CONTEXT = '💳💳 It is the card.';
const INPUTS = { question: 'Which card?', context: CONTEXT };
const THE = { answer: 'the', score: expect.any(Number), start: 9, end: 12 };

let reader: Copy;
let api: TestApi;
beforeAll(async () => {
  reader = toyReader();
  cpSync(CLASSIFIER, join(reader.directory, 'banking77-tfidf'), { recursive: true });
  api = testApi(await shippedParts({ MODEL: 'bert', MODELS_DIR: reader.directory }));
});
afterAll(() => reader.release());

const post = async (path: string, body: unknown, headers?: Readonly<Record<string, string>>) => {
  const response = await api.post(path, body, headers);
  return { status: response.status, json: await response.json() };
};

describe('a question over HTTP', () => {
  it.each(['/', '/models/bert', '/models/bert@1', '/invocations', '/predict'])(
    'has one answer at %s',
    async (path) => {
      expect(await post(path, { inputs: INPUTS })).toEqual({ status: 200, json: THE });
    },
  );

  it('may come as older systems ask, beside the name of the model', async () => {
    expect(await post('/', { model_type: 'bert', ...INPUTS })).toEqual({ status: 200, json: THE });
  });

  it('has several answers, best first, where it asks for them', async () => {
    const { json } = await post('/', { inputs: INPUTS, parameters: { top_k: 3 } });
    const [first, ...others] = json as { score: number }[];
    expect(first).toEqual(THE);
    expect(others).toHaveLength(2);
    expect(others.every(({ score }) => score <= (first?.score ?? 0))).toBe(true);
  });

  it('has the probability within a window, as the pipeline of Hugging Face has it, where it asks for that', async () => {
    const scores = await Promise.all(
      ['contexts', 'windows'].map(async (way) => {
        const { json } = await post('/', { inputs: INPUTS, parameters: { scores: way } });
        return json as { score: number };
      }),
    );
    expect(scores.map(({ score }) => score > 0 && score <= 1)).toEqual([true, true]);
    expect(scores[0]?.score).not.toBe(scores[1]?.score);
  });

  it('is one of a list, in which an error takes the place of an answer', async () => {
    const inputs = [INPUTS, { question: ' ', context: CONTEXT }, INPUTS];
    expect((await post('/', { inputs })).json).toEqual([
      THE,
      { error: 'the question is empty; a question and a context are needed', error_type: 'Validation' },
      THE,
    ]);
  });

  it('has the same answer with shorter windows, each of which begins with it', async () => {
    const inputs = { question: 'card?', context: `${'card '.repeat(60)}will ${'card '.repeat(60)}` };
    const { json } = await post('/', { inputs, parameters: { max_seq_len: 12, doc_stride: 2 } });
    expect(json).toMatchObject({ answer: 'will', start: 300, end: 304 });
  });

  it('is a line of JSON Lines or CSV', async () => {
    const lines = await api.post(
      '/invocations',
      `${JSON.stringify(INPUTS)}\n${JSON.stringify({ model: 'bert@1', ...INPUTS })}\n`,
      { 'Content-Type': 'application/jsonlines' },
    );
    const text = await lines.text();
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([THE, THE]);
    const csv = await api.post('/invocations', `question,context\nWhich?,${CONTEXT}\n`, {
      'Content-Type': 'text/csv; header=present',
      Accept: 'text/csv',
    });
    expect(await csv.text()).toMatch(/^the,[\d.e-]+,9,12\n$/);
  });

  it('is told by what is known of its model', async () => {
    const { models } = { models: (await (await api.request('/models')).json()) as { task: string }[] };
    expect(models.map(({ task }) => task).toSorted()).toEqual(['question-answering', 'text-classification']);
  });

  it.each([
    ['no context', { inputs: { question: 'a' } }, /^\/inputs\/context/],
    ['no question', { context: 'a' }, /^\/inputs\/question/],
    ['a text', { inputs: 'a' }, /should be an object with question and context: the model answers questions/],
    ['a pair of texts', { inputs: { text: 'a', text_pair: 'b' } }, /with question and context/],
    ['an empty context', { inputs: { question: 'a', context: '' } }, /^the context is empty/],
    [
      'a question that fills a window',
      { inputs: { question: 'a '.repeat(40), context: 'a' } },
      /^the question has 40 tokens/,
    ],
    [
      'a question for a classifier',
      { inputs: INPUTS, model: 'banking77-tfidf' },
      /is a question, and the model classifies texts/,
    ],
    ['no answer', { inputs: INPUTS, parameters: { top_k: 0 } }, /^\/parameters\/top_k/],
    ['labels', { inputs: INPUTS, parameters: { function_to_apply: 'none' } }, /function_to_apply/],
  ])('is refused with %s', async (_, body, expected) => {
    const { status, json } = await post('/', body);
    expect([status, (json as { detail: string }).detail]).toEqual([422, expect.stringMatching(expected)]);
  });
});

describe('@huggingface/inference', () => {
  let server: RequestServer;
  beforeAll(async () => {
    server = await serveRequests({ MODELS_DIR: reader.directory, MODEL: 'bert', PORT: '0' });
  });
  afterAll(() => server.stop());

  it('gets the answer to a question', async () => {
    const client = new InferenceClient(undefined, { endpointUrl: `${server.url}/` });
    expect(await client.questionAnswering({ inputs: INPUTS })).toEqual(THE);
    expect(await client.questionAnswering({ inputs: INPUTS, parameters: { top_k: 2 } })).toEqual(THE);
  });
});
