import type { TextClassifier } from '../../../src/tasks/text-classification.ts';
import { hash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelError } from '../../../src/errors.ts';
import { prepareModel } from '../../../src/tools/build/layer-models.ts';
import { readManifest } from '../../../src/models/formats/manifest.ts';
import { estimatedBytes } from '../../../src/models/catalogue/model-size.ts';
import { loadSklearn } from '../../../src/models/formats/sklearn.ts';
import { openVectorizer } from '../../../src/models/vectorizer/vectorizer.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'sklearn');
const MODEL = join(FIXTURES, 'models', 'intents', '1');

interface Expected {
  readonly text: string;
  /** For each vectorizer, column and count, in the order of the columns. */
  readonly counts: readonly (readonly [number, number])[][];
  readonly scores: readonly number[];
}

const expected: readonly Expected[] = JSON.parse(
  readFileSync(join(FIXTURES, 'intents.expected.json'), 'utf8'),
);
const texts = expected.map(({ text }) => text);

let scratch: string;
let folder: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'labelstream-vectorizer-'));
  folder = join(scratch, 'intents', '1');
  cpSync(MODEL, folder, { recursive: true });
});
afterEach(() => rmSync(scratch, { recursive: true }));

const modelIn = (path: string) => ({ folder: path, manifest: readManifest(path) });

const edit = (change: (manifest: Record<string, unknown>) => unknown) => {
  const file = join(folder, 'model.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  change(manifest);
  writeFileSync(file, JSON.stringify(manifest));
};

/** Replaces the first vectorizer, and its digest. */
const replaceVectorizer = (content: string) => {
  writeFileSync(join(folder, 'vectorizer1.json'), content);
  const entry = { file: 'vectorizer1.json', sha256: hash('sha256', content, 'hex') };
  edit((manifest) => (manifest.vectorizers as unknown[]).splice(0, 1, entry));
};

const editVectorizer = (change: (settings: Record<string, unknown>) => unknown) => {
  const settings = JSON.parse(readFileSync(join(folder, 'vectorizer1.json'), 'utf8'));
  change(settings);
  replaceVectorizer(JSON.stringify(settings));
};

describe('a vectorizer', () => {
  const { vectorizers = [] } = modelIn(MODEL).manifest as ReturnType<typeof readManifest> & {
    vectorizers?: readonly { file: string; sha256: string }[];
  };

  it.each([
    [0, 'words, without stop words, in n-grams'],
    [1, 'characters without accents'],
    [2, 'characters within words'],
  ])('%i counts as scikit-learn does: %s', (position) => {
    const { file, sha256 } = vectorizers[position] ?? { file: '', sha256: '' };
    const vectorizer = openVectorizer(join(MODEL, file), sha256);
    const found = texts.map((text) => {
      const { columns, counts } = vectorizer.count(text);
      return Array.from(columns, (column, index) => [column, counts[index]]).toSorted(
        ([a = 0], [b = 0]) => a - b,
      );
    });
    expect(found).toEqual(expected.map(({ counts }) => counts[position]));
  });
});

describe('a model with vectorizers', () => {
  it('says what scikit-learn says, to the last bit the same alone and beside others', async () => {
    const { classify } = (await loadSklearn(modelIn(MODEL), { topK: 3 })) as TextClassifier;
    const together = await classify(texts);
    for (const [index, prediction] of together.entries()) {
      if ('error' in prediction) throw prediction.error;
      const scores = new Map(prediction.labels.map(({ label, score }) => [label, score]));
      for (const [column, label] of ['card', 'fee', 'pin'].entries())
        expect(scores.get(label)).toBeCloseTo(expected[index]?.scores[column] ?? Number.NaN, 5);
    }
    for (const [index, text] of texts.entries()) expect(await classify([text])).toEqual([together[index]]);
  });

  it('tells a text of U+0000 from others', async () => {
    const { classify } = await loadSklearn(modelIn(MODEL));
    expect(await classify(['pin\0pin'])).not.toEqual(await classify(['pin\ufffdpin pin']));
  });

  it('takes its vectorizers into a layer, and memory for them', async () => {
    const to = join(scratch, 'layer', 'intents', '1');
    await prepareModel(modelIn(MODEL), to);
    const { classify } = await loadSklearn(modelIn(to), { topK: 3 });
    expect(await classify(texts)).toEqual(
      await (await loadSklearn(modelIn(MODEL), { topK: 3 })).classify(texts),
    );
    expect(estimatedBytes(modelIn(MODEL))).toBeGreaterThan(
      estimatedBytes({
        folder: MODEL,
        manifest: Object.assign(modelIn(MODEL).manifest, { vectorizers: undefined }),
      }),
    );
  });

  it.each([
    ['a vectorizer missing', () => rmSync(join(folder, 'vectorizer2.json')), /vectorizer2.json is missing/],
    [
      'a corrupt one',
      () => writeFileSync(join(folder, 'vectorizer1.json'), '{}'),
      /vectorizer1.json is not the file of its manifest/,
    ],
    ['one that is not JSON', () => replaceVectorizer('{'), /vectorizer1.json could not be read as JSON/],
    ['one that says nothing', () => replaceVectorizer('{}'), /is not a vectorizer: analyzer: /],
    [
      'words without a pattern',
      () => editVectorizer((settings) => (settings.token_pattern = null)),
      /token_pattern: the analyzer word, and no other, has a token_pattern/,
    ],
    [
      'a pattern that is none',
      () => editVectorizer((settings) => Object.assign(settings.token_pattern as object, { pattern: '(' })),
      /token_pattern is not a regular expression/,
    ],
    [
      'a pattern of nothing',
      () => editVectorizer((settings) => Object.assign(settings.token_pattern as object, { pattern: 'A*' })),
      /token_pattern matches the empty text/,
    ],
    [
      'kinds left out',
      () => editVectorizer((settings) => Object.assign(settings.token_pattern as object, { kinds: [0] })),
      /token_pattern has starts without kinds/,
    ],
    [
      'vectorizers that the manifest does not name',
      () => edit((manifest) => delete manifest.vectorizers),
      /classifier.onnx is the first step and should take strings, but takes float32/,
    ],
  ])('cannot be loaded with %s', async (_, damage, message) => {
    damage();
    const loaded = loadSklearn(modelIn(folder));
    await expect(loaded).rejects.toThrow(ModelError);
    await expect(loaded).rejects.toThrow(message);
  });

  it('may not name a file outside', () => {
    edit((manifest) =>
      Object.assign(manifest, { vectorizers: [{ file: '../a.json', sha256: '0'.repeat(64) }] }),
    );
    expect(() => readManifest(folder)).toThrow(/vectorizers.0.file: should be a relative path/);
  });
});
