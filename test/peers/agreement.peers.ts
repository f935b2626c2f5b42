import { join } from 'node:path';
import { installNodePeers, installPythonPeers } from '../../src/tools/bench/peers/install.ts';
import { type PeerProcess, startPeer } from '../../src/tools/bench/peers/peer-process.ts';
import { benchTexts } from '../../src/tools/bench/texts.ts';
import { generateMessages } from '../../src/tools/ingest/input/messages.ts';
import { describeWithBanking77 } from '../support/banking77.ts';
import { CONTESTED_TEXTS, HOSTILE_TEXTS } from './hostile-texts.ts';
import { openOurs, type Ours, transformersIn } from './ours.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PYTHON = join(ROOT, 'test', 'peers', 'python', 'onnx_peer.py');

/** Scores may differ by rounding. */
const TOLERANCE = 1e-4;

/** Ours sets it on CPUs where int8 would saturate without it; elsewhere it changes no score. */
const PRECISE = { 'session.x64quantprecision': '1' };

interface Said {
  readonly labels: readonly string[];
  readonly scores: readonly number[];
}

const peers: PeerProcess[] = [];
afterAll(() => Promise.all(peers.map(({ stop }) => stop())));

const started = (peer: PeerProcess): PeerProcess => {
  peers.push(peer);
  return peer;
};

/** One text at a time: padding changes what int8 rounds to. */
const said = (peer: PeerProcess, texts: readonly string[]): Promise<Said> =>
  peer.ask<Said>({ do: 'run', texts, batchSize: 1 });

const idsOf = async (peer: PeerProcess, texts: readonly string[]): Promise<readonly (readonly number[])[]> =>
  (await peer.ask<{ ids: number[][] }>({ do: 'tokenise', texts })).ids;

/** Where labels or scores differ: the text's index and length, and what was said of it. */
const differences = async (ours: Ours, peer: PeerProcess, texts: readonly string[]) => {
  const [mine, theirs] = [await ours.classify(texts), await said(peer, texts)];
  expect(mine).toHaveLength(texts.length);
  return mine
    .map(({ label, score }, index) => ({
      index,
      characters: texts[index]?.length,
      ours: [label, score],
      theirs: [theirs.labels[index], theirs.scores[index]],
      isSame:
        label === theirs.labels[index] && Math.abs(score - (theirs.scores[index] ?? Number.NaN)) <= TOLERANCE,
    }))
    .filter(({ isSame }) => !isSame);
};

const generated = [...generateMessages({ seed: 12, count: 300 })];

describe.each(transformersIn(process.env.PEERS_MODELS ?? join(ROOT, 'models')))('%s', (_, model) => {
  let ours: Ours;
  let js: PeerProcess;
  let python: PeerProcess;
  beforeAll(async () => {
    ours = await openOurs(model);
    js = started(startPeer(process.execPath, [join(await installNodePeers(ROOT), 'transformers-js.mjs')]));
    await js.ask({ do: 'load', folder: ours.folder, extra: { session: { x64quantprecision: '1' } } });
    python = started(startPeer(await installPythonPeers(ROOT, 'python'), [PYTHON]));
    const { folder, graph, maxLength, labels } = ours;
    await python.ask({ do: 'load', folder, graph, maxLength, labels, entries: PRECISE });
  });

  const isCut = (text: string): boolean => ours.encode(text).truncated;
  const whole = (texts: readonly string[]): readonly string[] => texts.filter((text) => !isCut(text));

  const suite = (texts: readonly string[]): void => {
    it('has the token ids of Rust tokenizers', async () => {
      expect(texts.map((text) => [...ours.encode(text).ids])).toEqual(await idsOf(python, texts));
    });

    it('has the token ids of transformers.js', async () => {
      const some = whole(texts);
      expect(some.map((text) => [...ours.encode(text).ids])).toEqual(await idsOf(js, some));
    });

    it('has the labels and scores of the transformers.js pipeline', async () => {
      expect(await differences(ours, js, whole(texts))).toEqual([]);
    });

    it("has the labels and scores of Python's ONNX Runtime", async () => {
      expect(await differences(ours, python, texts)).toEqual([]);
    });
  };

  describe('on hostile texts', () => suite(HOSTILE_TEXTS));

  describe('on generated messages', () => suite(generated));

  describeWithBanking77("on Banking77's test messages", () => suite(benchTexts(ROOT).messages));

  // The Rust tokenizers are the reference: models were trained with them.
  describe('on texts that transformers.js takes otherwise', () => {
    it('has the token ids of Rust tokenizers, and transformers.js has not', async () => {
      const ids = CONTESTED_TEXTS.map((text) => [...ours.encode(text).ids]);
      expect(ids).toEqual(await idsOf(python, CONTESTED_TEXTS));
      expect(ids).not.toEqual(await idsOf(js, CONTESTED_TEXTS));
    });

    it("has the labels and scores of Python's ONNX Runtime", async () => {
      expect(await differences(ours, python, CONTESTED_TEXTS)).toEqual([]);
    });
  });

  // This is why texts too long are compared with Rust tokenizers alone.
  it('keeps the last special token of a text too long, as Rust tokenizers do and transformers.js does not', async () => {
    const cut = HOSTILE_TEXTS.filter(isCut);
    expect(cut.length).toBeGreaterThan(2);
    const lastIds = (ids: readonly (readonly number[])[]): Set<number | undefined> =>
      new Set(ids.map((all) => all.at(-1)));
    const [closing] = lastIds(await idsOf(python, ['card']));
    expect(lastIds(await idsOf(python, cut))).toEqual(new Set([closing]));
    expect(lastIds(await idsOf(js, cut)).has(closing)).toBe(false);
  });
});
