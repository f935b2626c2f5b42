/** The functions and the server, built and started as they are deployed, say the same of the same text. */
import { join } from 'node:path';
import pMap from 'p-map';
import type { Label } from '../../src/tasks/label-scores.ts';
import { type Host, startHost } from '../../src/tools/bench/http/host.ts';
import { chunks } from '../../src/tools/chunks.ts';
import { changeRecordJson } from '../../src/tools/emulators/aws/native-fan-out.ts';
import type { LambdaFunction } from '../../src/tools/emulators/lambda/function.ts';
import { generateMessages } from '../../src/tools/ingest/input/messages.ts';
import { replay } from '../../src/tools/invoke/replay.ts';
import { HTTP_EVENTS, readAnswer } from '../support/http-events.ts';
import { startPredictFunction } from '../support/predict-function.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** How many messages each model gets. */
const MODELS = {
  'banking77-tfidf': 1_000,
  'banking77-mini': 200,
  'banking77-minilm': 200,
  'banking77-cascade': 200,
} as const;
type ModelName = keyof typeof MODELS;
const NAMES = Object.keys(MODELS) as readonly ModelName[];

/** Texts as people write them, and some that are cut, empty of words, or full of what JSON, CSV and lines escape. */
const ODD = [
  '?',
  'my card 💳 — «was» taken\u2028and\u0000 used, "twice"',
  'кириллица и ελληνικά',
  `lost ${'and found '.repeat(400)}`,
];
const textsOf = (name: ModelName): readonly string[] => {
  const count = MODELS[name] - ODD.length;
  return [...ODD, ...generateMessages({ seed: NAMES.indexOf(name) + 1, count })];
};

const record = (id: string, text: string, model: ModelName, index: number) => {
  const keys = { id: { S: id } };
  const data = changeRecordJson({
    eventName: 'INSERT',
    table: 'labelstream-dev-documents',
    keys,
    newImage: { ...keys, text: { S: text }, model_type: { S: model } },
    createdMicros: 1.79e15 + index,
  });
  return {
    kinesis: {
      data: Buffer.from(data).toString('base64'),
      sequenceNumber: String(index + 1),
      partitionKey: id,
    },
    eventID: `shardId-000000000000:${index + 1}`,
    eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/changes',
  };
};

let host: Host;
let predict: LambdaFunction;
let stream: ReadonlyMap<string, Label>;
beforeAll(async () => {
  const records = NAMES.flatMap((name) =>
    textsOf(name).map((text, index) => ({ id: `${name} ${index}`, text, name })),
  );
  const event = { Records: records.map(({ id, text, name }, index) => record(id, text, name, index)) };
  const { written, payload } = await replay(ROOT, event, { memory: 1_769 });
  expect(payload).toEqual({ batchItemFailures: [] });
  stream = new Map(
    written.map(({ id, label, label_score }) => [
      String(id),
      { label: String(label), score: Number(label_score) },
    ]),
  );
  // Two processes, so that their answers have to agree as well.
  host = await startHost(process.execPath, (port) => [
    join(ROOT, 'src', 'tools', 'commands', 'serve.ts'),
    ...['--port', String(port), '--threads', '2'],
  ]);
  predict = await startPredictFunction({ MODEL: 'banking77-tfidf' });
}, 120_000);
afterAll(async () => {
  await host.stop();
  await predict.close();
});

const post = async (path: string, body: string, type = 'application/json'): Promise<Response> => {
  const url = new URL(path, host.url);
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
  if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
  return answer;
};

const TOP = { top_k: 1 };
const DOOR = 'an HTTP API';

/** Every way of asking the server for the first label of texts. */
const DOORS: Readonly<
  Record<string, (name: ModelName, texts: readonly string[]) => Promise<readonly Label[]>>
> = {
  'HTTP, a text a request, many at a time': (name, texts) =>
    pMap(
      texts,
      async (inputs) => {
        const answer = await post(`/models/${name}`, JSON.stringify({ inputs, parameters: TOP }));
        const [[label]] = (await answer.json()) as [[Label]];
        return label;
      },
      { concurrency: 48 },
    ),
  'HTTP, in batches': (name, texts) =>
    inBatches(texts, async (inputs) => {
      const answer = await post('/', JSON.stringify({ inputs, model: name, parameters: TOP }));
      return (await answer.json()) as Label[][];
    }),
  'HTTP, in batches, by the function': (name, texts) =>
    inBatches(texts, async (inputs) => {
      const request = {
        path: `/models/${name}`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ inputs, parameters: TOP }),
      };
      const { payload } = await predict.invoke(HTTP_EVENTS[DOOR](request));
      return JSON.parse(readAnswer(DOOR, payload).body) as Label[][];
    }),
  '/invocations, in batches': (name, texts) =>
    inBatches(texts, async (inputs) => {
      const answer = await post('/invocations', JSON.stringify({ inputs, model: name, parameters: TOP }));
      return (await answer.json()) as Label[][];
    }),
  '/invocations, in lines': (name, texts) =>
    inBatches(texts, async (inputs) => {
      const lines = inputs.map((text) => JSON.stringify({ inputs: text, model: name, parameters: TOP }));
      const answer = await post('/invocations', `${lines.join('\n')}\n`, 'application/jsonlines');
      return (await answer.text())
        .trimEnd()
        .split('\n')
        .map((line) => [JSON.parse(line)].flat(2) as Label[]);
    }),
};

const inBatches = async (
  texts: readonly string[],
  ask: (some: readonly string[]) => Promise<readonly (readonly Label[])[]>,
): Promise<readonly Label[]> => {
  const answers = await Promise.all(chunks(texts, 100).map(ask));
  return answers.flat().map(([label]) => {
    if (label === undefined) throw new Error('no label');
    return label;
  });
};

describe.each(NAMES)('%s', (name) => {
  const texts = textsOf(name);

  it('labels every item of the stream', () => {
    const found = texts.map((_, index) => stream.get(`${name} ${index}`));
    expect(found).toEqual(texts.map(() => ({ label: expect.any(String), score: expect.any(Number) })));
    expect(new Set(found.map((one) => one?.label)).size).toBeGreaterThan(20);
  });

  it.each(Object.entries(DOORS))('says the same by %s', async (_, ask) => {
    const said = await ask(name, texts);
    expect(said).toEqual(texts.map((__, index) => stream.get(`${name} ${index}`)));
  });
});
