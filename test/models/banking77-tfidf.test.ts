import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMessages } from '../../src/tools/ingest/input/input.ts';
import { prepareModel } from '../../src/tools/build/layer-models.ts';
import type { Manifest } from '../../src/models/formats/formats.ts';
import { readManifest } from '../../src/models/formats/manifest.ts';
import { loadSklearn } from '../../src/models/formats/sklearn.ts';
import type { LabelPrediction } from '../../src/tasks/label-scores.ts';
import type { TextClassifier } from '../../src/tasks/text-classification.ts';
import type { Label } from '../../src/tasks/label-scores.ts';
import { BANKING77_TEST, describeWithBanking77 } from '../support/banking77.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'models', 'banking77-tfidf', '1');
const EXAMPLES: readonly { text: string; label: string; score: number }[] = JSON.parse(
  readFileSync(join(FOLDER, 'examples.json'), 'utf8'),
);
const HOSTILE = [
  '',
  ' ',
  '\n\n',
  '🎉',
  'مرحبا',
  'e\u0301',
  '\u0007',
  'a\0b',
  '漢字',
  'x'.repeat(10_000),
  'ﬁ İ ẞ',
];

const LONG =
  'I ordered a new card two weeks ago because the old one was stolen, and it has still not arrived, so what now?';

let manifest: Manifest;
let model: TextClassifier;
beforeAll(async () => {
  manifest = readManifest(FOLDER);
  model = (await loadSklearn({ folder: FOLDER, manifest }, { topK: 3 })) as TextClassifier;
});

const best = (prediction: LabelPrediction | undefined): Label => {
  if (prediction === undefined || 'error' in prediction) throw new Error('no label');
  return prediction.labels[0] ?? { label: '', score: Number.NaN };
};

describe('banking77-tfidf', () => {
  it('gives the labels and scores that scikit-learn gave for the examples', async () => {
    const predictions = await model.classify(EXAMPLES.map(({ text }) => text));
    for (const [index, { label, score }] of EXAMPLES.entries()) {
      expect(best(predictions[index])).toEqual({ label, score: expect.closeTo(score, 5) });
    }
  });

  it('gives as many labels as asked for, in order, with probabilities', async () => {
    const [prediction] = await model.classify(['I lost my card']);
    const scores = prediction && 'labels' in prediction ? prediction.labels.map(({ score }) => score) : [];
    expect(scores).toHaveLength(3);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeLessThanOrEqual(1.00001);
  });

  it('gives a text the same label and score alone and in any batch, to the last bit, hostile texts included', async () => {
    // Of every length, as a longer text of a batch pads the others.
    const cut = Array.from({ length: 40 }, (_, index) => LONG.slice(0, 60 + index));
    const texts = [...EXAMPLES.map(({ text }) => text), ...HOSTILE, ...cut];
    const together = await model.classify(texts);
    const reversed = await model.classify(texts.toReversed());
    for (const [index, text] of texts.entries()) {
      const [alone] = await model.classify([text]);
      expect(best(together[index])).toEqual(best(alone));
      expect(best(reversed.at(-1 - index))).toEqual(best(alone));
    }
  });

  it('refuses a pair of texts, and that alone', async () => {
    const [single, pair] = await model.classify([
      'I lost my card',
      { text: 'I lost my card', textPair: 'When?' },
    ]);
    expect(single).toEqual((await model.classify(['I lost my card']))[0]);
    expect(pair).toEqual({ error: expect.objectContaining({ code: 'inference-failed' }) });
    expect(pair).toHaveProperty('error.message', expect.stringMatching(/takes single texts, not pairs/));
  });

  it('gives as many labels as its manifest says', async () => {
    const three = await loadSklearn({
      folder: FOLDER,
      manifest: { ...manifest, topK: 3 } as typeof manifest,
    });
    expect(await three.classify(['I lost my card'])).toEqual(await model.classify(['I lost my card']));
  });

  it('has nothing to say about nothing', async () => {
    expect(await model.classify([])).toEqual([]);
  });

  it('says the same as one graph, as the models layer has it', async () => {
    const to = mkdtempSync(join(tmpdir(), 'labelstream-model-'));
    await prepareModel({ folder: FOLDER, manifest }, to);
    const joined = readManifest(to);
    expect(joined).toMatchObject({ steps: [expect.objectContaining({ file: 'joined.onnx' })] });
    const texts = [...EXAMPLES.map(({ text }) => text), ...HOSTILE];
    const single = await loadSklearn({ folder: to, manifest: joined }, { topK: 3 });
    expect(await single.classify(texts)).toEqual(await model.classify(texts));
    rmSync(to, { recursive: true });
  });
});

describeWithBanking77('banking77-tfidf on the test messages', () => {
  it('is as accurate as its card says', async () => {
    const texts: string[] = [];
    const labels: string[] = [];
    for await (const { text, label = '' } of readMessages(BANKING77_TEST, { labelColumn: 'category' })) {
      texts.push(text);
      labels.push(label);
    }
    const predictions = await model.classify(texts);
    const right = predictions.filter((prediction, index) => best(prediction).label === labels[index]).length;
    expect(texts).toHaveLength(3_080);
    expect(right / texts.length).toBeGreaterThanOrEqual(0.914);
    expect(right / texts.length).toBeCloseTo(manifest.metrics?.accuracy ?? 0, 3);
  });
});
