/** The stream's function, the server, the function for requests and a batch say the same of the same question. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pMap from 'p-map';
import type { QuestionInput, Span } from '../../src/tasks/question-answering.ts';
import { questionEvent } from '../../src/tools/bench/events.ts';
import { type Host, startHost } from '../../src/tools/bench/http/host.ts';
import type { LambdaFunction } from '../../src/tools/emulators/lambda/function.ts';
import { generateParagraphs } from '../../src/tools/ingest/input/messages.ts';
import { replay } from '../../src/tools/invoke/replay.ts';
import { HTTP_EVENTS, readAnswer } from '../support/http-events.ts';
import { startPredictFunction } from '../support/predict-function.ts';
import { command, spawnProgram } from '../support/run-program.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MODEL = 'squadshifts-minilm';
const DOOR = 'an HTTP API';

const LONG = `${'The crew logged a calm sea and no wind. '.repeat(90)}Tomasz found the compass in 1998.`;

/** Contexts as people write them; long ones; and some full of what JSON, CSV and lines escape. */
const QUESTIONS: readonly QuestionInput[] = [
  { question: 'Who found the compass?', context: LONG },
  { question: 'When was it found?', context: LONG },
  {
    question: 'where is it 💳',
    context: '👩‍👩‍👧 «Zoë» keeps\u2028the card\u0000, "in\r\n the bank", in Krako\u0301w 🏦.',
  },
  { question: '?', context: '[SEP] [CLS] 銀行にカードがあります ## кириллица' },
  ...[...generateParagraphs({ seed: 3, count: 12, questions: 5 })].flatMap(({ context, questions }) =>
    questions.map((question) => ({ question, context })),
  ),
];

let folder: string;
let host: Host;
let predict: LambdaFunction;
let stream: readonly Span[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'labelstream-questions-'));
  const event = questionEvent('labelstream-dev-documents', QUESTIONS);
  const { written, payload } = await replay(ROOT, event, { model: MODEL, memory: 1_769 });
  expect(payload).toEqual({ batchItemFailures: [] });
  const items = new Map(written.map((item) => [item.id, item]));
  stream = QUESTIONS.map((_, index) => {
    const { answer, answer_score, answer_start, answer_end } = items.get(`m-${index + 1}`) ?? {};
    return {
      answer: String(answer),
      score: Number(answer_score),
      start: Number(answer_start),
      end: Number(answer_end),
    };
  });
  host = await startHost(process.execPath, (port) => [
    join(ROOT, 'src', 'tools', 'commands', 'serve.ts'),
    ...['--port', String(port), '--threads', '2'],
  ]);
  predict = await startPredictFunction({ MODEL });
}, 120_000);
afterAll(async () => {
  await host.stop();
  await predict.close();
  rmSync(folder, { recursive: true });
});

const post = async (body: object): Promise<unknown> => {
  const headers = { 'content-type': 'application/json' };
  const url = new URL(`/models/${MODEL}`, host.url);
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
  return answer.json();
};

const batch = async (file: string, content: string): Promise<string> => {
  const [input, output] = [join(folder, file), join(folder, 'out')];
  writeFileSync(input, content);
  const places = ['--input', input, '--output', output, '--model', MODEL, '--quiet'];
  expect(await spawnProgram(command('batch', places))).toMatchObject({ status: 0 });
  return readFileSync(join(output, `${file}.out`), 'utf8');
};

const DOORS: Readonly<Record<string, () => Promise<readonly unknown[]>>> = {
  'HTTP, a question a request, many at a time': () =>
    pMap(QUESTIONS, (inputs) => post({ inputs }), { concurrency: 16 }),
  'HTTP, all in one request': async () => (await post({ inputs: QUESTIONS })) as unknown[],
  'HTTP, as older systems ask': () =>
    pMap(QUESTIONS, (input) => post({ model_type: MODEL, ...input }), { concurrency: 16 }),
  'HTTP, by the function': async () => {
    const request = {
      path: '/',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: QUESTIONS }),
    };
    const { payload } = await predict.invoke(HTTP_EVENTS[DOOR](request));
    return JSON.parse(readAnswer(DOOR, payload).body);
  },
  'a batch of JSON lines': async () => {
    const lines = QUESTIONS.map((input) => `${JSON.stringify(input)}\n`).join('');
    const answers = (await batch('questions.jsonl', lines)).trimEnd().split('\n');
    return answers.map((line) => {
      const { answer, score, start, end } = JSON.parse(line);
      return { answer, score, start, end };
    });
  },
};

describe('a question has the same answer', () => {
  it('by the stream, in which the answer is a part of its context', () => {
    for (const [index, { answer, start, end }] of stream.entries())
      expect([...(QUESTIONS[index]?.context ?? '')].slice(start, end).join('')).toBe(answer);
    expect(new Set(stream.map(({ answer }) => answer)).size).toBeGreaterThan(30);
  });

  it.each(Object.entries(DOORS))('by %s', async (_, ask) => {
    expect(await ask()).toEqual(stream);
  });
});
