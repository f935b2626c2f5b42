/** Hugging Face's client for JavaScript, unchanged, against the server. */
import { join } from 'node:path';
import { InferenceClient } from '@huggingface/inference';
import { type RequestServer, serveRequests } from '../../src/server/serve-requests.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const LOST = 'I lost my card yesterday, what now?';

const started: RequestServer[] = [];
afterAll(() => Promise.all(started.map(({ stop }) => stop())));

const serve = async (settings: NodeJS.ProcessEnv = {}): Promise<string> => {
  const env = { MODELS_DIR: join(ROOT, 'models'), MODEL: 'banking77-tfidf', PORT: '0', ...settings };
  const server = await serveRequests(env);
  started.push(server);
  return server.url;
};

describe('@huggingface/inference', () => {
  let url: string;
  beforeAll(async () => {
    url = await serve();
  });
  const client = (path = '/', token?: string): InferenceClient =>
    new InferenceClient(token, { endpointUrl: `${url}${path}` });

  it('gets the labels of a text', async () => {
    const labels = await client().textClassification({ inputs: LOST });
    expect(labels[0]).toEqual({ label: 'lost_or_stolen_card', score: expect.any(Number) });
  });

  it('gets as many as it asks for, most probable first', async () => {
    const labels = await client().textClassification({ inputs: LOST, parameters: { top_k: 3 } });
    expect(labels).toHaveLength(3);
    const scores = labels.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(new Set(labels.map(({ label }) => label)).size).toBe(3);
  });

  it('gets a list for each text of a batch', async () => {
    // It calls its only way to more than one text deprecated.
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const inputs = [LOST, 'When will my new card arrive?', LOST];
    const answers = await client().request<readonly object[][]>({ inputs, parameters: { top_k: 1 } });
    const alone = await Promise.all(
      inputs.map((text) => client().textClassification({ inputs: text, parameters: { top_k: 1 } })),
    );
    expect(answers).toEqual(alone);
    warn.mockRestore();
  });

  it('may bring a token to a server that asks for none', async () => {
    const labels = await client('/', 'hf_token').textClassification({ inputs: LOST });
    expect(labels[0]?.label).toBe('lost_or_stolen_card');
  });

  it('asks for another model by the address, and for another function of its scores', async () => {
    const ask = (given: 'sigmoid' | 'softmax' | 'none') =>
      client('/models/banking77-minilm').textClassification({
        inputs: LOST,
        parameters: { top_k: 77, function_to_apply: given },
      });
    const [softmax, sigmoid, none] = [await ask('softmax'), await ask('sigmoid'), await ask('none')];
    const sum = (labels: typeof softmax): number => labels.reduce((total, { score }) => total + score, 0);
    expect(sum(softmax)).toBeCloseTo(1, 3);
    for (const { label, score } of none)
      expect(sigmoid.find((one) => one.label === label)?.score).toBeCloseTo(1 / (1 + Math.exp(-score)), 4);
    expect(none.some(({ score }) => score > 1)).toBe(true);
  });

  const reasonOf = (asked: Promise<unknown>): Promise<string> =>
    asked.then(
      () => {
        throw new Error('it was answered');
      },
      (error: Error) => error.message,
    );

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a model that is not there',
      () => client('/models/nobody').textClassification({ inputs: LOST }),
      /nobody/,
    ],
    ['a text that is none', () => client().textClassification({ inputs: 7 as unknown as string }), /inputs/],
    [
      'a parameter that is none',
      () => client().textClassification({ inputs: LOST, parameters: { top_k: -1 } }),
      /top_k/,
    ],
    [
      'an address that is none',
      () => client('/nowhere').textClassification({ inputs: LOST }),
      /nothing at this path/,
    ],
  ])('tells in words of %s', async (_, asked, reason) => {
    expect(await reasonOf(asked())).toMatch(reason);
  });

  it('is refused with 429 by a server that is full, and does not ask again', async () => {
    const full = await serve({ QUEUE_REQUESTS: '1', MODEL: 'banking77-minilm' });
    const answers: Response[] = [];
    const watched: typeof fetch = async (...parameters) => {
      const answer = await fetch(...parameters);
      answers.push(answer);
      return answer;
    };
    const asking = new InferenceClient(undefined, { endpointUrl: `${full}/`, fetch: watched });
    const asked = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) =>
        asking.textClassification({ inputs: `${LOST} ${index}`, parameters: { top_k: 1 } }),
      ),
    );
    const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(60);
    for (const error of refused) {
      expect(error.httpResponse).toMatchObject({ status: 429 });
      expect(error.message).toMatch(/model banking77-minilm@1.*: try again later/);
    }
    const waits = answers
      .filter(({ status }) => status === 429)
      .map(({ headers }) => headers.get('retry-after'));
    expect(waits).toEqual(refused.map(() => expect.stringMatching(/^[1-9]\d*$/)));
    expect(answers).toHaveLength(60);
  });
});
