import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPythonPeers } from '../../src/tools/bench/peers/install.ts';
import { type PeerProcess, startPeer } from '../../src/tools/bench/peers/peer-process.ts';
import { generateMessages } from '../../src/tools/ingest/input/messages.ts';
import type { LoadedModel } from '../../src/models/loaded-model.ts';
import { readManifest } from '../../src/models/formats/manifest.ts';
import { loadTransformer } from '../../src/models/formats/transformer.ts';
import { modelsBelow } from '../../src/models/sources/directory.ts';
import { modelId } from '../../src/models/folder/model-folder.ts';
import {
  plainSpan,
  questionAnswering,
  type QuestionInput,
  type Span,
  type SpanSettings,
  spansOf,
} from '../../src/tasks/question-answering.ts';
import { must } from '../../src/errors.ts';
import { xquadOr } from '../support/xquad.ts';
import { HOSTILE_TEXTS } from './hostile-texts.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const python = (script: string) => [join(ROOT, 'test', 'peers', 'python', script)];
/** PyTorch has to be fetched the first time. */
const INSTALL_MS = 900_000;
/** Scores may differ by rounding: the pipeline's are float32. */
const TOLERANCE = 1e-4;

const xquad: readonly QuestionInput[] = xquadOr('the questions of XQuAD').flatMap(({ context, questions }) =>
  questions.map((question) => ({ question, context })),
);

/** Questions about contexts that tokenizers stumble over, as far as the pipeline takes them. */
const hostile: readonly QuestionInput[] = HOSTILE_TEXTS.filter((context) => context.trim() !== '').map(
  (context) => ({
    question: 'Where is the card?',
    context: `${context} The card is in the bank. ${context}`,
  }),
);

const messages = [...generateMessages({ seed: 5, count: 200 })];

/** Parameters of the pipeline, and the same as ours. A model's manifest may allow longer answers. */
const SETTINGS: readonly (readonly [object, SpanSettings])[] = [
  [{ max_answer_len: 15 }, { maxAnswerLength: 15 }],
  [
    { max_answer_len: 15, top_k: 3 },
    { maxAnswerLength: 15, topK: 3 },
  ],
  [
    { max_answer_len: 15, align_to_words: false },
    { maxAnswerLength: 15, alignToWords: false },
  ],
  [
    { max_answer_len: 4, handle_impossible_answer: true },
    { maxAnswerLength: 4, handleImpossible: true },
  ],
];

let scratch: string;
let pipeline: PeerProcess;
let maker: PeerProcess;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'labelstream-questions-'));
  process.env.HF_HUB_OFFLINE = '1';
  pipeline = startPeer(await installPythonPeers(ROOT, 'questions'), python('question_peer.py'));
  maker = startPeer(await installPythonPeers(ROOT, 'transformers'), python('transformer_peer.py'));
}, INSTALL_MS);
afterAll(async () => {
  await Promise.all([pipeline.stop(), maker.stop()]);
  rmSync(scratch, { recursive: true });
});

interface Reply {
  readonly answers: readonly (readonly Span[])[];
}

/** Where answers differ: the index of the question, and the places and scores of both. */
const differences = async (
  model: LoadedModel,
  inputs: readonly QuestionInput[],
  [parameters, settings]: (typeof SETTINGS)[number],
) => {
  const { answers: theirs } = await pipeline.ask<Reply>({ do: 'answer', inputs, parameters });
  const predictions = await model.classify(inputs);
  return predictions.flatMap((prediction, index) => {
    const ours =
      'error' in prediction
        ? []
        : must(spansOf(prediction).spansBy, 'scores')({ ...settings, scores: 'windows' });
    const expected = theirs[index] ?? [];
    const isSame =
      ours.length === expected.length &&
      ours.every((span, place) => isAlike(span, expected[place], expected));
    return isSame ? [] : [{ index, ours: ours.map(plainSpan), theirs: expected }];
  });
};

/** Spans with the same score, but for rounding, may be in either order. */
const isAlike = (span: Span, at: Span | undefined, all: readonly Span[]): boolean => {
  const close = (other: Span) => Math.abs(other.score - span.score) <= TOLERANCE;
  const same = (other: Span) =>
    other.answer === span.answer && other.start === span.start && other.end === span.end && close(other);
  return at !== undefined && close(at) && all.some(same);
};

const agrees = async (model: LoadedModel | undefined, inputs: readonly QuestionInput[]): Promise<void> => {
  for (const [index, settings] of SETTINGS.entries()) {
    // All of them with the defaults; some are enough to try another setting on.
    const some = index === 0 ? inputs : inputs.filter((_, place) => place % 10 === 0);
    expect(await differences(must(model, 'model'), some, settings)).toEqual([]);
  }
};

describe.each(['bert', 'distilbert', 'electra', 'mobilebert', 'roberta'])('a small random %s', (family) => {
  let model: LoadedModel | undefined;
  beforeAll(async () => {
    const folder = join(scratch, family);
    const texts = [...messages, ...HOSTILE_TEXTS];
    const { refused } = await maker.ask<{ refused?: string }>({ do: 'make-answerer', family, texts, folder });
    expect(refused).toBeUndefined();
    await pipeline.ask({ do: 'open', folder, graph: 'model.onnx', hasWeights: true });
    model = await loadTransformer({ folder, manifest: readManifest(folder) }, { keepScores: true });
  }, INSTALL_MS);
  afterAll(() => model?.release?.());

  it('answers all questions of XQuAD as the pipeline does', () => agrees(model, xquad), 600_000);
  it('answers questions about hostile texts as the pipeline does', () => agrees(model, hostile), 120_000);
});

const shipped = modelsBelow(join(ROOT, 'models')).models.filter(
  ({ manifest }) => manifest.task === questionAnswering.name,
);
if (shipped.length > 0)
  describe.each(shipped.map((folder) => [modelId(folder.manifest), folder] as const))('%s', (_, folder) => {
    let model: LoadedModel | undefined;
    beforeAll(async () => {
      const graph = 'graph' in folder.manifest ? folder.manifest.graph : undefined;
      const opened = { folder: folder.folder, graph: graph ?? 'onnx/model_int8.onnx', hasWeights: false };
      await pipeline.ask({ do: 'open', ...opened });
      model = await loadTransformer(folder, { keepScores: true });
    }, INSTALL_MS);
    afterAll(() => model?.release?.());

    it('answers all questions of XQuAD as the pipeline does', () => agrees(model, xquad), 900_000);
    it('answers questions about hostile texts as the pipeline does', () => agrees(model, hostile), 300_000);
  });
