import type { TextClassifier } from '../../src/tasks/text-classification.ts';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { installPythonPeers } from '../../src/tools/bench/peers/install.ts';
import { type PeerProcess, startPeer } from '../../src/tools/bench/peers/peer-process.ts';
import { readManifest } from '../../src/models/formats/manifest.ts';
import { loadSklearn } from '../../src/models/formats/sklearn.ts';

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
  const loaded = await loadSklearn({ folder, manifest: readManifest(folder) }, { topK: labels });
  const model = loaded as TextClassifier & typeof loaded;
  const predictions = await model.classify(texts);
  for (const [index, text] of texts.slice(0, ALONE).entries()) {
    const [alone] = await model.classify([text]);
    if (!isDeepStrictEqual(alone, predictions[index]))
      unstable.add(`${id}: alone text ${index} has another score`);
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

/** Sends a request, and answers what the exporter asks meanwhile. */
const exported = async (request: Readonly<Record<string, unknown>>): Promise<Answer> => {
  let answer = await peer.ask<Answer>({ ...request, project });
  while (answer.question !== undefined) {
    const reply = await said(answer.question).then(
      (all) => ({ said: all }),
      (error: unknown) => ({ unusable: String(error) }),
    );
    answer = await peer.ask<Answer>(reply);
  }
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
      const name = [group, kind, language].join(' ').replaceAll(/\W+/g, '-');
      const { failed, lines } = await exported({ do: 'export', group, kind, language, name });
      if (failed !== undefined) differing.push(`${group}, ${kind}, ${language}: ${failed}`);
      else expect(lines?.[1]).toContain('the same labels');
    }
  }
  expect([...differing, ...unstable]).toEqual([]);
}, 300_000);

it.each([
  ['no file', /pipeline.joblib not found/],
  ['no pickle', /is no pipeline saved by joblib.dump or pickle.dump/],
  ['code that is not here', /needs code of yours that is not here: No module named 'unheard'/],
  ['a dictionary', /holds a dict, and should hold a fitted pipeline/],
  ['not fitted', /the Pipeline is not fitted; save it after fit\(\)/],
  ['no classifier', /the TfidfVectorizer has no predict\(\); save the whole pipeline/],
  ['no vectorizer', /the LogisticRegression has no CountVectorizer or TfidfVectorizer/],
  ['a regression', /neither predict_proba nor decision_function/],
  ['clusters', /neither predict_proba nor decision_function/],
  ['hashes', /HashingVectorizer has no vocabulary and a million columns; use a TfidfVectorizer/],
  ['a tokenizer', /has a function as tokenizer, .* use token_pattern/],
  ['a preprocessor', /has a function as preprocessor, .* use lowercase and strip_accents/],
  ['an analyzer', /has a function as analyzer, .* use 'word', 'char' or 'char_wb'/],
  ["a vectorizer of one's own", /Stemmer is a vectorizer of your own/],
  [
    'a step before',
    /the step 'functiontransformer' \(FunctionTransformer\) takes texts and is no vectorizer/,
  ],
  ['a pattern with a back-reference', /has groupref, which labelstream does not know/],
  ['a pattern of nothing', /matches the empty text; write one that does not/],
  ['a repeated group', /has a capturing group within a repeat/],
  ['no scores', /neither predict_proba nor decision_function/],
  ['several labels without names', /gives 3 labels per text .* --labels labels.txt/],
  ['an empty label', /labels should be unique and not empty/],
  ['several columns', /takes the columns \[0, 1\], and labelstream has one text/],
  ['folds that are not linear', /put the vectorizer before it: make_pipeline/],
  ['votes of one against one', /(differs from scikit-learn|cannot|columns)/],
  [
    'other numbers',
    /differs from scikit-learn in \d+ of 88 texts, by up to .* \(other probabilities\): sample /,
  ],
  ['calibrated by steps', /differs from scikit-learn in .* CalibratedClassifierCV with method='sigmoid'/],
])('%s is refused, with the cure, and leaves nothing behind', async (what, message) => {
  const { failed } = await exported({ do: 'refuse', what });
  expect(failed).toMatch(message);
  expect(existsSync(join(project, 'models', 'refused'))).toBe(false);
});
