import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareModel } from '../../../src/tools/build/layer-models.ts';
import { readManifest } from '../../../src/models/formats/manifest.ts';
import { loadTransformer } from '../../../src/models/formats/transformer.ts';
import { type Copy, copyOf, expectedOf } from '../../support/transformers.ts';

let bert: Copy;
let out: string;
beforeEach(() => {
  bert = copyOf('bert');
  out = mkdtempSync(join(tmpdir(), 'labelstream-layer-'));
});
afterEach(() => {
  bert.release();
  rmSync(out, { recursive: true });
});

const deploy = async (cpu?: string) => {
  await prepareModel(bert.model(), out, cpu);
  const files = readdirSync(out, { recursive: true, withFileTypes: true });
  return files.filter((file) => file.isFile()).map(({ name }) => name);
};

describe('a transformer in the models layer', () => {
  it('gives the same answers as its folder', async () => {
    bert.edit('config.json', { problem_type: 'multi_label_classification' });
    await deploy();
    const inputs = expectedOf('bert').map(({ input }) => input);
    const deployed = await loadTransformer({ folder: out, manifest: readManifest(out) });
    const own = await loadTransformer(bert.model());
    expect(await deployed.classify(inputs)).toEqual(await own.classify(inputs));
    expect(deployed).toMatchObject({ id: own.id, attribute: own.attribute });
  });

  it('is the files that the function reads, and a manifest that leaves nothing open', async () => {
    for (const file of ['README.md', 'examples.json', 'vocab.txt', '.gitattributes', 'model_fp16.onnx'])
      bert.write(file, 'not for the function');
    expect((await deploy()).toSorted()).toEqual([
      'config.json',
      'model.json',
      'model.onnx',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const digest = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(readManifest(out)).toEqual({
      name: 'bert',
      version: '1',
      format: 'transformer',
      task: 'text-classification',
      attribute: 'label',
      graph: 'model.onnx',
      labels: ['card', 'cash', 'transfer', 'other'],
      activation: 'softmax',
      maxLength: 32,
      limits: {},
      files: {
        'config.json': digest,
        'model.onnx': digest,
        'tokenizer.json': digest,
        'tokenizer_config.json': digest,
      },
    });
  });

  it('has the graph of the CPU that it is built for, and of no other', async () => {
    bert.useGraph('bert-int8.onnx', 'onnx/model_qint8_arm64.onnx');
    bert.useGraph('bert-int8.onnx', 'onnx/model_quint8_avx2.onnx');
    const graphs = (files: readonly string[]) => files.filter((file) => file.endsWith('.onnx'));
    expect(graphs(await deploy('arm64'))).toEqual(['model_qint8_arm64.onnx']);
    expect(readManifest(out)).toMatchObject({ graph: 'onnx/model_qint8_arm64.onnx' });
    rmSync(out, { recursive: true });
    expect(graphs(await deploy('x64'))).toEqual(['model_quint8_avx2.onnx']);
  });

  it('has the constants that a graph keeps in a file beside it', async () => {
    bert.useGraph('external.onnx', 'onnx/model.onnx');
    bert.useGraph('external.onnx_data', 'onnx/external.onnx_data');
    bert.remove('model.onnx');
    expect(await deploy()).toContain('external.onnx_data');
    expect(readManifest(out)).toHaveProperty(['files', 'onnx/external.onnx_data']);
    await loadTransformer({ folder: out, manifest: readManifest(out) });
  });

  it('is refused where a file is not the one of its manifest', async () => {
    bert.write('model.json', JSON.stringify({ files: { 'tokenizer.json': '0'.repeat(64) } }));
    await expect(deploy()).rejects.toThrow(/tokenizer.json is not the file of its manifest/);
  });
});

describe('a cascade in the models layer', () => {
  it('is its manifest', async () => {
    const stages = [{ model: 'small', threshold: 0.9 }, { model: 'large' }];
    bert.write('model.json', JSON.stringify({ stages }));
    expect(await deploy()).toEqual(['model.json']);
    expect(readManifest(out)).toEqual(bert.model().manifest);
  });
});
