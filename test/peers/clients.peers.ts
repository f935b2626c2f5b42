/** Hugging Face's client for Python, unchanged, against the server. */
import { join } from 'node:path';
import { type RequestServer, serveRequests } from '../../src/server/serve-requests.ts';
import type { Span } from '../../src/tasks/question-answering.ts';
import type { Label } from '../../src/tasks/label-scores.ts';
import { installPythonPeers } from '../../src/tools/bench/peers/install.ts';
import { type PeerProcess, startPeer } from '../../src/tools/bench/peers/peer-process.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const LOST = 'I lost my card yesterday, what now?';

let server: RequestServer;
let client: PeerProcess;
beforeAll(async () => {
  const env = { MODELS_DIR: join(ROOT, 'models'), MODEL: 'banking77-tfidf', PORT: '0' };
  server = await serveRequests(env);
  const python = await installPythonPeers(ROOT, 'clients');
  client = startPeer(python, [join(ROOT, 'test', 'peers', 'python', 'huggingface_client.py')]);
});
afterAll(async () => {
  await client.stop();
  await server.stop();
});

interface Said {
  readonly labels?: readonly Label[];
  readonly answers?: readonly Span[];
  readonly refused?: string;
  readonly status?: number;
}

const classify = (
  text: unknown,
  {
    path = '/',
    ...more
  }: { readonly path?: string; readonly parameters?: object; readonly token?: string } = {},
) => client.ask<Said>({ do: 'classify', url: `${server.url}${path}`, text, ...more });

describe('huggingface_hub.InferenceClient', () => {
  it('gets the labels of a text', async () => {
    const { labels } = await classify(LOST);
    expect(labels?.[0]).toEqual({ label: 'lost_or_stolen_card', score: expect.any(Number) });
  });

  it('gets a list of as many as it asks for, most probable first', async () => {
    const { labels = [] } = await classify(LOST, { parameters: { top_k: 3 }, token: 'hf_token' });
    expect(labels).toHaveLength(3);
    const scores = labels.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  it('asks for another model by the address, and for another function of its scores', async () => {
    const ask = async (given: string) => {
      const parameters = { top_k: 77, function_to_apply: given };
      const { labels = [] } = await classify(LOST, { path: '/models/banking77-minilm', parameters });
      return labels;
    };
    const [softmax, none] = [await ask('softmax'), await ask('none')];
    expect(softmax.reduce((total, { score }) => total + score, 0)).toBeCloseTo(1, 3);
    expect(none.map(({ label }) => label)).toEqual(softmax.map(({ label }) => label));
    expect(none.some(({ score }) => score > 1)).toBe(true);
  });

  describe('answers a question', () => {
    const CONTEXT = '🍞 Tomasz baked the bread in 1998, and Ada ate it.';
    const ask = (question: string, parameters?: object) =>
      client.ask<Said>({
        do: 'answer',
        url: `${server.url}/models/squadshifts-minilm`,
        question,
        context: CONTEXT,
        parameters,
      });
    const characters = [...CONTEXT];

    it('with a part of the context, its place in code points', async () => {
      const { answers: [best, ...others] = [] } = await ask('When was the bread baked?');
      expect(others).toEqual([]);
      expect(best).toEqual({ answer: '1998', score: expect.any(Number), start: 28, end: 32 });
    });

    it('with as many as it asks for, best first, by all of its parameters', async () => {
      const { answers = [] } = await ask('Who ate the bread?', {
        top_k: 3,
        doc_stride: 8,
        max_seq_len: 32,
        max_question_len: 20,
        max_answer_len: 2,
        align_to_words: false,
        handle_impossible_answer: true,
      });
      expect(answers).toHaveLength(3);
      const scores = answers.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      for (const { answer, start, end } of answers)
        expect(characters.slice(start, end).join('')).toBe(answer);
    });

    it('with our reason where there is none to give', async () => {
      const said = await ask(' ');
      expect(said.status).toBe(422);
      expect(said.refused).toMatch(/question/);
    });
  });

  it.each([
    ['a model that is not there', LOST, { path: '/models/nobody' }, 404, /nobody/],
    ['a text that is none', 7, {}, 422, /inputs/],
    ['a parameter that is none', LOST, { parameters: { top_k: -1 } }, 422, /top_k/],
  ] as const)('shows our reason for %s', async (_, text, more, status, reason) => {
    const said = await classify(text, more);
    expect(said.status).toBe(status);
    expect(said.refused).toMatch(reason);
  });
});
