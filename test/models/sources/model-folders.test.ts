import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelError } from '../../../src/errors.ts';
import { directoryModels } from '../../../src/models/sources/directory.ts';
import { loadSklearn } from '../../../src/models/formats/sklearn.ts';
import { foldWhiteSpace } from '../../../src/models/vectorizer/white-space.ts';

const MODELS = join(import.meta.dirname, '..', '..', '..', 'models');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'labelstream-models-'));
  addVersion('1');
});
afterEach(() => rmSync(directory, { recursive: true }));

const folder = (version: string) => join(directory, 'intents', version);

/** A copy of the shipped model under another name. */
const addVersion = (version: string) => {
  cpSync(join(MODELS, 'banking77-tfidf', '1'), folder(version), { recursive: true });
  edit(version, (manifest) => Object.assign(manifest, { name: 'intents', version }));
};

const edit = (version: string, change: (manifest: Record<string, unknown>) => unknown) => {
  const file = join(folder(version), 'model.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  change(manifest);
  writeFileSync(file, JSON.stringify(manifest));
};

const load = async (version = '1') => {
  const { models } = await directoryModels(directory).list();
  const model = models.find(({ manifest }) => manifest.version === version);
  if (model === undefined) throw new Error(`no version ${version}`);
  return loadSklearn(model);
};

describe('model folders', () => {
  it.each([
    [
      'no manifest',
      () => rmSync(join(folder('1'), 'model.json')),
      /intents\/1 has characters.onnx, but no model.json that describes it/,
    ],
    [
      'a manifest that is not JSON',
      () => writeFileSync(join(folder('1'), 'model.json'), '{'),
      /model.json could not be read/,
    ],
    [
      'another version than its path',
      () => edit('1', (m) => Object.assign(m, { version: '2' })),
      /holds intents@2, but its path is that of intents@1/,
    ],
    [
      'an unknown field',
      () => edit('1', (m) => Object.assign(m, { typo: 1 })),
      /model.json is not a model manifest: .*typo/,
    ],
    [
      'a faulty digest',
      () => edit('1', (m) => Object.assign(m, { steps: [{ file: 'a.onnx', sha256: 'x' }] })),
      /steps.0.sha256: should be a sha256/,
    ],
    [
      'a file outside',
      () => edit('1', (m) => Object.assign(m, { steps: [{ file: '../a.onnx', sha256: 'x' }] })),
      /steps.0.file: should be a relative path/,
    ],
    [
      'a file where there should be a folder',
      () => {
        rmSync(join(folder('1'), 'model.json'));
        writeFileSync(join(folder('1'), 'onnx'), '');
      },
      /intents\/1 cannot be read: ENOTDIR/,
    ],
  ])('are left out with %s, and do not stop the others', async (_, damage, message) => {
    addVersion('3');
    damage();
    const { models, faults } = await directoryModels(directory).list();
    expect(models.map(({ manifest }) => manifest.version)).toEqual(['3']);
    expect(faults).toEqual([{ id: 'intents@1', folder: folder('1'), error: expect.any(ModelError) }]);
    expect(faults[0]?.error.message).toMatch(message);
  });

  it('are not what has neither a manifest nor a graph nor settings', async () => {
    rmSync(folder('1'), { recursive: true });
    mkdirSync(folder('training'), { recursive: true });
    writeFileSync(join(folder('training'), 'train.py'), '');
    await expect(directoryModels(directory).list()).rejects.toThrow(/holds no <name>\/<version>\/model.json/);
  });

  it.each([
    ['a missing file', () => rmSync(join(folder('1'), 'ngrams.onnx')), /ngrams.onnx is missing/],
    [
      'a corrupt file',
      () => writeFileSync(join(folder('1'), 'ngrams.onnx'), 'junk'),
      /ngrams.onnx is not the file of its manifest: expected sha256 [0-9a-f]{64}/,
    ],
    [
      'a file that is no graph',
      () => {
        writeFileSync(join(folder('1'), 'junk.onnx'), 'junk');
        const sha256 = createHash('sha256').update('junk').digest('hex');
        edit('1', (m) => Object.assign(m, { steps: [{ file: 'junk.onnx', sha256 }] }));
      },
      /junk.onnx is not a graph that ONNX Runtime can run/,
    ],
    [
      'an output that is not there',
      () => edit('1', (m) => Object.assign(m, { output: 'margins' })),
      /classifier.onnx should have an output margins, but has: probabilities/,
    ],
    [
      'steps in another order',
      () => edit('1', (m) => (m.steps as unknown[]).reverse()),
      /classifier.onnx is the first step and should take strings/,
    ],
    [
      'more labels than score columns',
      () => edit('1', (m) => (m.labels as string[]).push('one too many')),
      /classifier\.onnx: output probabilities is float32 1 × 77, expected float32 1 × 78, a column per label/,
    ],
    [
      'fewer labels than score columns',
      () => edit('1', (m) => (m.labels as string[]).pop()),
      /output probabilities is float32 1 × 77, expected float32 1 × 76, a column per label/,
    ],
  ])('cannot be loaded with %s', async (_, damage, message) => {
    damage();
    await expect(load()).rejects.toThrow(ModelError);
    await expect(load()).rejects.toThrow(message);
  });

  it('may have white space folded before the first graph', async () => {
    expect(foldWhiteSpace('a  b\t\n c\u00a0\u2003d\ue000 e\nf')).toBe('a b c d\ue000 e\nf');
    edit('1', (m) => Object.assign(m, { whitespace: 'fold' }));
    const [folded, plain] = await (await load()).classify(['my   card', 'my card']);
    expect(folded).toEqual(plain);
  });
});
