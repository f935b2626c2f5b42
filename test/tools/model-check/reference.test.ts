/** `npm run model -- reference`: how a model answers typical texts, kept in its model.json. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelError } from '../../../src/errors.ts';
import { directoryModels } from '../../../src/models/sources/directory.ts';
import { recordReference } from '../../../src/tools/model-check/reference.ts';
import { generateMessages, generateParagraphs } from '../../../src/tools/ingest/input/messages.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const BERT = join(ROOT, 'test', 'fixtures', 'transformers', 'bert', '1');

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'labelstream-reference-'));
  mkdirSync(join(root, 'models'));
});
afterEach(() => rmSync(root, { recursive: true }));

const add = (from: string, name: string): string => {
  const folder = join(root, 'models', name, '1');
  cpSync(from, folder, { recursive: true });
  return folder;
};

const file = (name: string, lines: readonly object[]): string => {
  const path = join(root, name);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
};

const texts = (count: number): readonly object[] =>
  [...generateMessages({ seed: 1, count })].map((text) => ({ text }));

describe('a reference', () => {
  it('counts each label and says how confident the model is, and leaves the rest of model.json as it is', async () => {
    const folder = add(join(ROOT, 'models', 'banking77-tfidf', '1'), 'banking77-tfidf');
    const before = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
    const { reference, id } = await recordReference(root, 'banking77-tfidf', {
      ...{ input: file('texts.jsonl', texts(500)), below: 0.75 },
    });
    expect(id).toBe('banking77-tfidf@1');
    const { labels = {}, confidence, texts: count } = reference;
    expect(Object.values(labels).reduce((sum, one) => sum + one, 0)).toBe(500);
    expect([count, confidence?.below]).toEqual([500, 0.75]);
    const after = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
    expect(after).toEqual({ ...before, reference });
    expect(Object.keys(after)).toEqual(Object.keys(before));
  });

  it('is written for a folder of Hugging Face, which has no model.json', async () => {
    const folder = add(BERT, 'bert');
    rmSync(join(folder, 'model.json'), { force: true });
    await recordReference(root, 'bert', { input: file('texts.jsonl', texts(20)) });
    expect(existsSync(join(folder, 'model.json'))).toBe(true);
    const { models, faults } = await directoryModels(join(root, 'models')).list();
    expect(faults).toEqual([]);
    expect(models.map(({ manifest }) => manifest)).toMatchObject([
      { name: 'bert', format: 'transformer', reference: { texts: 20 } },
    ]);
  });

  it('has no labels where a model answers questions', async () => {
    add(join(ROOT, 'models', 'squadshifts-minilm', '1'), 'reader');
    const manifest = join(root, 'models', 'reader', '1', 'model.json');
    writeFileSync(
      manifest,
      JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), name: 'reader' }),
    );
    const [paragraph] = generateParagraphs({ seed: 1, count: 1, questions: 3 });
    const lines = (paragraph?.questions ?? []).map((ask) => ({ ask, about: paragraph?.context }));
    const { reference } = await recordReference(root, 'reader', {
      ...{ input: file('questions.jsonl', lines), questionColumn: 'ask', contextColumn: 'about' },
    });
    expect(reference).toEqual({
      texts: 3,
      confidence: { mean: expect.any(Number), below: 0.5, share: expect.any(Number) },
    });
  });

  it('is refused where there is no such model, text or column', async () => {
    add(BERT, 'bert');
    const input = file('texts.jsonl', [{ text: 'one' }]);
    await expect(recordReference(root, 'nobody', { input })).rejects.toThrow(/nobody/);
    await expect(recordReference(root, 'bert', { input, textColumn: 'body' })).rejects.toThrow(/body/);
    await expect(recordReference(root, 'bert', { input, questionColumn: 'q' })).rejects.toThrow(
      /--question-column and --context-column are for questions; bert@1 is for text-classification/,
    );
    await expect(recordReference(root, 'bert', { input: join(root, 'none.csv') })).rejects.toThrow(
      /none\.csv/,
    );
  });

  it('that is faulty makes the model one that cannot be used', async () => {
    const folder = add(BERT, 'bert');
    writeFileSync(join(folder, 'model.json'), JSON.stringify({ reference: { texts: 0, labels: { a: -1 } } }));
    const { faults } = await directoryModels(join(root, 'models')).list();
    expect(faults.map(({ error }) => error)).toEqual([expect.any(ModelError)]);
    expect(faults[0]?.error.message).toMatch(/reference\.texts: .*; reference\.labels\.a: /);
  });
});
