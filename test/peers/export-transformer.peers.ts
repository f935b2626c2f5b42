import type { TextClassifier } from '../../src/tasks/text-classification.ts';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPythonPeers } from '../../src/tools/bench/peers/install.ts';
import { type PeerProcess, startPeer } from '../../src/tools/bench/peers/peer-process.ts';
import { readExamples, SCORE_TOLERANCE, type TextExample } from '../../src/models/folder/examples.ts';
import { generateMessages } from '../../src/tools/ingest/input/messages.ts';
import { readManifest } from '../../src/models/formats/manifest.ts';
import { loadTransformer } from '../../src/models/formats/transformer.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PYTHON = join(ROOT, 'test', 'peers', 'python', 'transformer_peer.py');
/** PyTorch has to be fetched the first time. */
const INSTALL_MS = 900_000;

const messages = [...generateMessages({ seed: 5, count: 120 })];
const [samples, calibration] = [messages.slice(0, 40), messages.slice(40)];

interface Question {
  readonly model: string;
  readonly texts: readonly string[];
  readonly labels: number;
}
interface Answer {
  readonly question?: Question;
  readonly lines?: readonly string[];
  readonly refused?: string;
}
type Options = Readonly<Record<string, unknown>>;

let scratch: string;
let project: string;
let peer: PeerProcess;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'labelstream-export-'));
  project = join(scratch, 'project');
  mkdirSync(join(project, 'models'), { recursive: true });
  process.env.HF_HUB_OFFLINE = '1';
  peer = startPeer(await installPythonPeers(ROOT, 'transformers'), [PYTHON]);
}, INSTALL_MS);
afterAll(async () => {
  await peer.stop();
  rmSync(scratch, { recursive: true });
});

const open = async (id: string, labels: number) => {
  const folder = join(project, 'models', ...id.split('@'));
  const loaded = await loadTransformer({ folder, manifest: readManifest(folder) }, { topK: labels });
  return loaded as TextClassifier & typeof loaded;
};

/** What the function's model code says of texts, in one call and one by one: to the last bit the same. */
const said = async ({ model: id, texts, labels }: Question) => {
  const model = await open(id, labels);
  const predictions = await model.classify(texts);
  for (const [index, text] of texts.slice(0, 10).entries())
    expect(await model.classify([text])).toEqual([predictions[index]]);
  await model.release?.();
  return predictions.map((prediction) =>
    'error' in prediction
      ? { failed: prediction.error.code }
      : {
          label: prediction.labels[0]?.label,
          scores: prediction.labels.map(({ label, score }) => [label, score]),
        },
  );
};

const made = async (family: string): Promise<string> => {
  const folder = join(scratch, family.replaceAll(' ', '-'));
  if (!existsSync(folder)) await peer.ask({ do: 'make', family, texts: messages, folder });
  return folder;
};

/** Exports a model, and answers what the exporter asks meanwhile. */
const exported = async (model: string, name: string, options: Options): Promise<Answer> => {
  let answer = await peer.ask<Answer>({ do: 'export', model, project, name, options });
  while (answer.question !== undefined) {
    const reply = await said(answer.question).catch((error: Error) => error);
    if (reply instanceof Error) {
      await peer.ask<Answer>({ said: [] });
      return { refused: reply.message };
    }
    answer = await peer.ask<Answer>({ said: reply });
  }
  return answer;
};

const KINDS = {
  float32: { samples },
  // Weights are random: no float32 label is sure of itself.
  static: { samples, calibration, min_agreement: 0.8 },
  dynamic: { samples, dynamic: true, min_agreement: 0.8 },
} as const;

const cases = ['bert', 'distilbert', 'roberta'].flatMap((family) =>
  (['float32', 'static', 'dynamic'] as const).map((kind) => [family, kind] as const),
);

it.each(cases)('%s as %s says what it says in transformers', async (family, kind) => {
  const name = `${family}-${kind}`;
  const { lines, refused } = await exported(await made(family), name, KINDS[kind]);
  expect(refused).toBeUndefined();
  const told = (lines ?? []).join('\n');
  expect(told).toContain(
    'float32, compared with transformers on 40 samples and 28 hard texts: the same labels',
  );
  expect(told.includes('int8, compared')).toBe(kind !== 'float32');

  const folder = join(project, 'models', name, '1');
  const graph = kind === 'float32' ? 'model.onnx' : 'model_int8.onnx';
  const files = ['config.json', graph, 'tokenizer.json', 'tokenizer_config.json'];
  expect(readdirSync(folder).toSorted()).toEqual([...files, 'examples.json', 'model.json'].toSorted());
  const manifest = readManifest(folder);
  expect(manifest).toMatchObject({ name, version: '1', format: 'transformer' });
  expect('files' in manifest && Object.keys(manifest.files).toSorted()).toEqual(files.toSorted());

  const examples = readExamples(folder) as readonly TextExample[];
  const model = await open(`${name}@1`, 4);
  const predictions = await model.classify(examples.map(({ text }) => text));
  await model.release?.();
  for (const [index, { label, score }] of examples.entries()) {
    const prediction = predictions[index];
    const best = prediction !== undefined && 'labels' in prediction ? prediction.labels[0] : undefined;
    expect(best?.label).toBe(label);
    expect(Math.abs((best?.score ?? Number.NaN) - score)).toBeLessThan(SCORE_TOLERANCE);
  }
});

it('cuts texts at --max-length', async () => {
  const { lines } = await exported(await made('bert'), 'short', { samples, max_length: 8 });
  expect(lines?.[0]).toContain('texts of up to 8 tokens');
  expect(readManifest(join(project, 'models', 'short', '1'))).toMatchObject({ maxLength: 8 });
});

it('says where labels have no names', async () => {
  const { lines } = await exported(await made('unnamed'), 'unnamed', { samples });
  expect(lines?.join('\n')).toContain('labels have no names');
});

it.each([
  ['a hub id without a network', 'no-one/no-model', {}, 'Without a network, give a folder'],
  ['a model of masked words', 'masked', {}, 'is no sequence classifier'],
  ['a folder without a tokenizer', 'no tokenizer', {}, 'tokenizer'],
  ['a tokenizer of another kind', 'other tokenizer', {}, 'kind WordLevel, which is not supported'],
  ['more tokens than positions', 'bert', { max_length: 65 }, 'reads texts of up to 64 tokens'],
  ['dynamic int8 without samples', 'bert', { dynamic: true }, '--texts'],
  ['other labels in int8', 'bert', { samples, calibration, min_agreement: 1.1 }, '--no-quantize'],
  ['a folder that is there', 'bert', { version: '2' }, 'already exists'],
])('refuses %s, and leaves nothing', async (_, family, options, reason) => {
  mkdirSync(join(project, 'models', 'refused', '2'), { recursive: true });
  const model = family.includes('/') ? family : await made(family);
  const { refused } = await exported(model, 'refused', options);
  expect(refused).toContain(reason);
  expect(readdirSync(join(project, 'models', 'refused'))).toEqual(['2']);
});
