import { mkdtempSync, mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelError } from '../../../src/errors.ts';
import { modelsBelow } from '../../../src/models/sources/directory.ts';
import { estimatedBytes } from '../../../src/models/catalogue/model-size.ts';
import { modelRegistry } from '../../../src/models/catalogue/registry.ts';
import { fakeFolders } from '../../support/fake-models.ts';
import { modelCopies } from '../../support/model-copies.ts';

const MB = 2 ** 20;
const copies = modelCopies();
const exported = mkdtempSync(join(tmpdir(), 'labelstream-export-'));
beforeAll(() => {
  for (const name of ['a', 'b', 'c']) copies.add(name, { attribute: name });
});
afterAll(() => {
  copies.remove();
  rmSync(exported, { recursive: true });
});

describe('the memory that models are held to', () => {
  it('is somewhat more than the files of a scikit-learn model', () => {
    const [model] = modelsBelow(copies.folder).models;
    const files = ['characters', 'ngrams', 'classifier'].map(
      (file) => statSync(join(copies.folder, 'a', '1', `${file}.onnx`)).size,
    );
    const bytes = files.reduce((total, size) => total + size, 0);
    expect(model && estimatedBytes(model)).toBe(1.5 * bytes + MB);
  });

  it('is that of the graph that a transformer loads, of its weights beside it and of its vocabulary', () => {
    const folder = join(exported, 'exported', '1');
    mkdirSync(join(folder, 'onnx'), { recursive: true });
    const file = (name: string, bytes: number): void => {
      writeFileSync(join(folder, name), '{}');
      truncateSync(join(folder, name), bytes);
    };
    file('config.json', 2);
    file('tokenizer.json', MB);
    file('onnx/model.onnx', 4 * MB);
    file('onnx/model.onnx_data', 100 * MB);
    file('README.md', 50 * MB);
    const [model] = modelsBelow(exported).models;
    expect(model && estimatedBytes(model)).toBe(1.5 * 104 * MB + 10 * MB + MB);
  });

  it('is nothing for a cascade', () => {
    const stages = [{ model: 'a', threshold: 0.5 }, { model: 'b' }];
    const [cascade] = fakeFolders([{ name: 'all', stages }]);
    expect(cascade && estimatedBytes(cascade)).toBe(0);
  });

  it('has room again once a model is released, which is loaded anew when it is asked', async () => {
    const models = modelRegistry(modelsBelow(copies.folder).models, {
      defaultModels: ['a'],
      memoryMB: 16,
    });
    await models.preload();
    const b = await models.load('b@1');
    const [before] = await b.classify(['How do I change my PIN?']);
    await models.load('c@1');
    expect(models.loaded()).toEqual(['a@1', 'c@1']);
    expect(await b.classify(['How do I change my PIN?'])).toEqual([before]);
    expect(models.loaded()).toEqual(['a@1', 'b@1']);
  });

  it('does not hide that a model cannot be loaded', async () => {
    copies.add('corrupt', {
      attribute: 'corrupt',
      steps: [{ file: 'classifier.onnx', sha256: '0'.repeat(64) }],
    });
    const models = modelRegistry(modelsBelow(copies.folder).models, {
      defaultModels: ['a'],
    });
    await expect(models.load('corrupt@1')).rejects.toThrow(ModelError);
    await expect(models.load('corrupt@1')).rejects.toThrow(/classifier.onnx is not the file of its manifest/);
    expect(models.loaded()).toEqual([]);
  });
});
