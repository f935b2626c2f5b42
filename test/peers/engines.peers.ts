/** Engines that are not ONNX Runtime, with the weights of our int8 graph: they round in other places, and say the same. */
import { join } from 'node:path';
import { must } from '../../src/errors.ts';
import { installPythonPeers } from '../../src/tools/bench/peers/install.ts';
import { type PeerProcess, startPeer } from '../../src/tools/bench/peers/peer-process.ts';
import { benchTexts } from '../../src/tools/bench/texts.ts';
import { openOurs, type Ours, transformersIn } from './ours.ts';

const ROOT = join(import.meta.dirname, '..', '..');

interface Said {
  readonly labels: readonly string[];
  readonly scores: readonly number[];
}

let ours: Ours;
beforeAll(async () => {
  const models = new Map(transformersIn(join(ROOT, 'models')));
  ours = await openOurs(must(models.get('banking77-minilm@1'), 'banking77-minilm@1'));
});

/** How far apart scores are on average at the most: NNCF finds ranges of its own, with a hundred messages here. */
const APART = { openvino: 0.1, ctranslate2: 0.02 } as const;

describe.each(Object.entries(APART))('%s', (name, most) => {
  let peer: PeerProcess;
  beforeAll(async () => {
    const python = await installPythonPeers(ROOT, 'engines');
    peer = startPeer(python, [join(ROOT, 'test', 'peers', 'python', `${name}_peer.py`)]);
    const { folder, graph, maxLength, labels } = ours;
    const calibration = benchTexts(ROOT).messages.slice(0, 100);
    await peer.ask({ do: 'load', folder, graph, maxLength, labels, calibration });
  }, 600_000);
  afterAll(() => peer.stop());

  it(`gives at least 97 of 100 messages the same label, and scores that are at most ${most} apart on average`, async () => {
    const texts = benchTexts(ROOT).messages.slice(100, 800);
    const mine = await ours.classify(texts);
    const theirs = await peer.ask<Said>({ do: 'run', texts, batchSize: 100, budget: 256 });
    const same = mine.filter(({ label }, index) => label === theirs.labels[index]).length;
    expect(same / texts.length).toBeGreaterThanOrEqual(0.97);
    const apart = mine.map(({ score }, index) => Math.abs(score - (theirs.scores[index] ?? Number.NaN)));
    expect(apart.reduce((sum, one) => sum + one, 0) / apart.length).toBeLessThanOrEqual(most);
  });

  it('says the same of a text alone and beside longer ones, but for the last digits', async () => {
    const texts = ['I lost my card', 'How do I change my PIN? '.repeat(20).trim(), 'Where is my money'];
    const alone = await peer.ask<Said>({ do: 'run', texts, batchSize: 1, budget: 0 });
    const together = await peer.ask<Said>({ do: 'run', texts, batchSize: 3, budget: 100_000 });
    expect(together.labels).toEqual(alone.labels);
    for (const [index, score] of together.scores.entries())
      expect(Math.abs(score - (alone.scores[index] ?? Number.NaN))).toBeLessThan(0.03);
  });
});
