import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { installPythonPeers } from '../../src/local/bench/peers/install.ts';
import { type PeerProcess, startPeer } from '../../src/local/bench/peers/peer-process.ts';
import { readManifest } from '../../src/models/manifest.ts';
import { loadSklearn } from '../../src/models/sklearn.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PYTHON = join(ROOT, 'test', 'peers', 'python', 'export_peer.py');

interface Question {
  readonly model: string;
  readonly texts: readonly string[];
  readonly labels: number;
}
interface Answer {
  readonly question?: Question;
  readonly lines?: readonly string[];
  readonly failed?: string;
}

/** Texts that are classified alone, too. */
const ALONE = 20;

const unstable = new Set<string>();
let project: string;
let peer: PeerProcess;
beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'labelstream-export-'));
  mkdirSync(join(project, 'models'));
  peer = startPeer(await installPythonPeers(ROOT, 'export'), [PYTHON]);
}, 300_000);
afterAll(async () => {
  await peer.stop();
  rmSync(project, { recursive: true });
});

/** What the function's model code says of texts, in one call and one by one: to the last bit the same. */
const said = async ({ model: id, texts, labels }: Question) => {
  const folder = join(project, 'models', ...id.split('@'));
  const model = await loadSklearn({ folder, manifest: readManifest(folder) }, { topK: labels });
  const predictions = await model.classify(texts);
  for (const [index, text] of texts.slice(0, ALONE).entries()) {
    const [alone] = await model.classify([text]);
    if (!isDeepStrictEqual(alone, predictions[index])) unstable.add(`${id}: alone text ${index} has another score`);
  }
  await model.release?.();
  return predictions.map((prediction) =>
    'error' in prediction
      ? { error: prediction.error.code }
      : {
          label: prediction.labels[0]?.label,
          scores: prediction.labels.map(({ label, score }) => [label, score]),
        },
  );
};

/** Trains and exports a pipeline, and answers what the exporter asks meanwhile. */
const exported = async (group: string, kind: string, language: string): Promise<Answer> => {
  const name = [group, kind, language].join(' ').replaceAll(/\W+/g, '-');
  let answer = await peer.ask<Answer>({ do: 'export', group, kind, language, project, name });
  while (answer.question !== undefined) answer = await peer.ask<Answer>({ said: await said(answer.question) });
  return answer;
};

it('pipelines of every kind, in every language, say what they say in scikit-learn', async () => {
  const { kinds, languages } = await peer.ask<{
    kinds: readonly [group: string, kind: string][];
    languages: readonly string[];
  }>({ do: 'kinds' });
  const differing: string[] = [];
  for (const language of languages) {
    for (const [group, kind] of kinds) {
      const { failed, lines } = await exported(group, kind, language);
      if (failed !== undefined) differing.push(`${group}, ${kind}, ${language}: ${failed}`);
      else expect(lines?.[1]).toContain('the same labels');
    }
  }
  expect([...differing, ...unstable]).toEqual([]);
}, 300_000);
