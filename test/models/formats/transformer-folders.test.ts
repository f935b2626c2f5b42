import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from '../../../src/errors.ts';
import { modelsBelow } from '../../../src/models/sources/directory.ts';
import { chooseGraph } from '../../../src/models/folder/graph-choice.ts';
import { readManifest } from '../../../src/models/formats/manifest.ts';
import { loadSklearn } from '../../../src/models/formats/sklearn.ts';
import { loadTransformer } from '../../../src/models/formats/transformer.ts';
import { type Copy, copyOf } from '../../support/transformers.ts';

const TFIDF = join(import.meta.dirname, '..', '..', '..', 'models', 'banking77-tfidf', '1');

let bert: Copy;
beforeEach(() => {
  bert = copyOf('bert');
});
afterEach(() => bert.release());

const load = () => loadTransformer(bert.model());
const labelOf = async (text: string) => (await (await load()).classify([text]))[0];
const CASH = { labels: [{ label: 'cash', score: expect.any(Number) }] };
const manifest = (content: object) => bert.write('model.json', JSON.stringify(content));
const sha256 = (file: string) =>
  createHash('sha256')
    .update(readFileSync(join(bert.folder, file)))
    .digest('hex');

/** The graph with a name in it replaced by one as long. */
const rename = (from: string, to: string) => {
  const graph = readFileSync(join(bert.folder, 'model.onnx'), 'latin1');
  bert.write('model.onnx', Buffer.from(graph.replaceAll(from, to), 'latin1'));
};

describe('a folder as Optimum exports it', () => {
  it('works without a manifest, named by its path', async () => {
    expect(bert.model().manifest).toMatchObject({ name: 'bert', version: '1', format: 'transformer' });
    expect(await load()).toMatchObject({ id: 'bert@1', attribute: 'label' });
    expect(await labelOf('I lost my card.')).toEqual(CASH);
  });

  it('works with a manifest of three lines', async () => {
    manifest({ attribute: 'topic', license: 'MIT', metrics: { accuracy: 0.25 } });
    expect(await load()).toMatchObject({ id: 'bert@1', attribute: 'topic' });
    expect(await labelOf('I lost my card.')).toEqual(CASH);
  });

  it('works with its graph below onnx/', async () => {
    bert.move('model.onnx', 'onnx/model.onnx');
    expect(await labelOf('I lost my card.')).toEqual(CASH);
  });

  it('works without settings other than a tokenizer and a graph of two labels', async () => {
    bert.useGraph('no-numbers.onnx');
    bert.remove('config.json');
    bert.remove('tokenizer_config.json');
    expect(await labelOf('I lost my card.')).toEqual({
      labels: [{ label: 'LABEL_0', score: expect.any(Number) }],
    });
  });

  it('works with a tokenizer of old, that does not say its kind', async () => {
    const { model, ...rest } = JSON.parse(readFileSync(join(bert.folder, 'tokenizer.json'), 'utf8'));
    const { type: _, ...untyped } = model;
    bert.write('tokenizer.json', JSON.stringify({ ...rest, model: untyped }));
    expect(await labelOf('I lost my card.')).toEqual(CASH);
  });
});

describe('the graph for a CPU', () => {
  const choose = (
    files: readonly string[],
    cpu: string,
    graph?: string | { x64?: string; arm64?: string },
  ) => {
    bert.remove('model.onnx');
    for (const file of files) bert.write(file, '');
    return chooseGraph(bert.folder, { graph }, cpu);
  };
  const int8 = ['model_qint8_arm64.onnx', 'model_qint8_avx512_vnni.onnx', 'model_quint8_avx2.onnx'];

  it.each([
    ['made for it', 'x64', [...int8, 'model.onnx', 'model_quantized.onnx'], 'model_qint8_avx512_vnni.onnx'],
    ['made for it', 'arm64', [...int8, 'model.onnx', 'model_quantized.onnx'], 'model_qint8_arm64.onnx'],
    ['in onnx/', 'arm64', ['onnx/model_qint8_arm64.onnx', 'model.onnx'], 'onnx/model_qint8_arm64.onnx'],
    [
      'in int8 for any',
      'arm64',
      ['model_quantized.onnx', 'model.onnx', 'model_fp16.onnx'],
      'model_quantized.onnx',
    ],
    ['in full', 'arm64', ['model.onnx', 'model_fp16.onnx', 'model_qint8_avx512.onnx'], 'model.onnx'],
    ['for another CPU', 'arm64', ['model_fp16.onnx', 'model_qint8_avx512.onnx'], 'model_qint8_avx512.onnx'],
    ['there is, of any name', 'x64', ['mine.onnx'], 'mine.onnx'],
  ])('is the one %s (%s)', (_, cpu, files, expected) => {
    expect(choose(files, cpu)).toBe(expected);
  });

  it('is the one that the manifest names, for all or for this CPU', () => {
    const graph = { x64: 'a.onnx', arm64: 'b.onnx' };
    expect(choose(['a.onnx', 'model.onnx'], 'x64', 'a.onnx')).toBe('a.onnx');
    expect(chooseGraph(bert.folder, { graph }, 'arm64')).toBe('b.onnx');
    expect(() => chooseGraph(bert.folder, { graph: { x64: 'a.onnx' } }, 'arm64')).toThrow(
      /names no graph for arm64/,
    );
  });

  it('is asked for where none is known to be best', () => {
    expect(() => choose(['a.onnx', 'b.onnx'], 'x64')).toThrow(
      /several graphs, none with a known name: a.onnx, b.onnx; name one/,
    );
    expect(() => chooseGraph(join(TFIDF, 'nowhere'), { graph: undefined }, 'x64')).toThrow(
      /holds no ONNX graph/,
    );
  });
});

describe('a transformer cannot be loaded with', () => {
  it.each<[string, () => void, RegExp]>([
    [
      'no tokenizer',
      () => bert.remove('tokenizer.json'),
      /bert\/1 has no tokenizer.json; save one with a fast/,
    ],
    [
      'a tokenizer of another kind',
      () => bert.edit('tokenizer.json', { model: { type: 'WordLevel', vocab: {}, unk_token: 'x' } }),
      /tokenizer.json has a tokenizer of kind WordLevel, which is not supported; save one of kind WordPiece, BPE, Unigram/,
    ],
    [
      'a tokenizer with a part of another kind',
      () => bert.edit('tokenizer.json', { pre_tokenizer: { type: 'UnicodeScripts' } }),
      /tokenizer.json has a tokenizer that cannot be used: .*UnicodeScripts/,
    ],
    [
      'a tokenizer that is not JSON',
      () => bert.write('tokenizer.json', '{'),
      /tokenizer.json could not be read as JSON/,
    ],
    [
      'special tokens that are not in the vocabulary',
      () =>
        bert.edit('tokenizer.json', {
          post_processor: { type: 'BertProcessing', sep: ['[END]', 3], cls: ['[CLS]', 2] },
        }),
      /special token \[END\] is not in the vocabulary/,
    ],
    [
      'an input that a text does not give',
      () => rename('token_type_ids', 'token_kind_ids'),
      /model.onnx takes an input token_kind_ids, which a text does not give; given are input_ids, attention_mask/,
    ],
    [
      'no input of tokens',
      () => rename('input_ids', 'token_ids'),
      /model.onnx takes an input token_ids, which a text does not give/,
    ],
    [
      'a graph that takes strings',
      () => bert.write('model.onnx', readFileSync(join(TFIDF, 'characters.onnx'))),
      /model.onnx takes strings \(.*\), so it is no transformer; give its format as sklearn/,
    ],
    [
      'a graph that answers questions',
      () => bert.useGraph('questions.onnx'),
      /gives start_logits and end_logits, so it answers questions/,
    ],
    [
      'an output that is not there',
      () => manifest({ output: 'scores' }),
      /model.onnx should have an output scores, but has: logits; name one as output/,
    ],
    [
      'labels that do not match the width of the output',
      () => bert.edit('config.json', { id2label: { 0: 'card', 1: 'cash', 2: 'transfer' } }),
      /model.onnx: output logits is 1 × 4, expected float32 1 × 3, a column per label/,
    ],
    [
      'labels without an index between',
      () => bert.edit('config.json', { id2label: { 0: 'card', 2: 'cash' } }),
      /config.json: id2label should have the indices from 0 on/,
    ],
    [
      'a setting of the wrong kind',
      () => bert.edit('config.json', { max_position_embeddings: 'many' }),
      /config.json is not as Hugging Face writes it: max_position_embeddings/,
    ],
    [
      'more tokens than positions',
      () => manifest({ maxLength: 33 }),
      /maxLength is 33 tokens, but the model has 32/,
    ],
    [
      'room for special tokens only',
      () => manifest({ maxLength: 3 }),
      /3 special tokens leave no room for a text among 3 tokens/,
    ],
    [
      'a graph of fewer tokens than the tokenizer has',
      () =>
        bert.edit('tokenizer.json', {
          post_processor: { type: 'BertProcessing', sep: ['[SEP]', 9_999], cls: ['[CLS]', 2] },
        }),
      /model.onnx cannot run on an empty text; are tokenizer and graph of one model/,
    ],
    ['no graph', () => bert.remove('model.onnx'), /holds no ONNX graph/],
    [
      'a graph that is none',
      () => bert.write('model.onnx', 'junk'),
      /model.onnx is not a graph that ONNX Runtime can run/,
    ],
    [
      'a graph whose constants are missing',
      () => bert.useGraph('external.onnx'),
      /model.onnx has weights in external.onnx_data, which was not found/,
    ],
    [
      'a tokenizer other than the manifest says',
      () => manifest({ files: { 'tokenizer.json': '0'.repeat(64) } }),
      /tokenizer.json is not the file of its manifest: expected sha256 0000/,
    ],
    [
      'a graph other than the manifest says',
      () => manifest({ files: { 'model.onnx': '0'.repeat(64) } }),
      /model.onnx is not the file of its manifest/,
    ],
    [
      'settings that the manifest has and the folder has not',
      () => {
        manifest({ files: { 'config.json': sha256('config.json') } });
        bert.remove('config.json');
      },
      /config.json is missing/,
    ],
    [
      'constants other than the manifest says',
      () => {
        bert.useGraph('external.onnx');
        bert.useGraph('external.onnx_data', 'external.onnx_data');
        manifest({ files: { 'external.onnx_data': '0'.repeat(64) } });
      },
      /external.onnx_data is not the file of its manifest/,
    ],
  ])('%s', async (_, damage, message) => {
    const { folder } = bert;
    damage();
    const model = { folder, manifest: readManifest(folder) };
    await expect(loadTransformer(model)).rejects.toThrow(ModelError);
    await expect(loadTransformer(model)).rejects.toThrow(message);
  });
});

describe('a manifest', () => {
  const stages = [{ model: 'small', threshold: 0.9 }, { model: 'large@2' }];

  it('tells its format by what it holds', () => {
    manifest({ stages });
    expect(bert.model().manifest).toMatchObject({ format: 'cascade', attribute: 'label', stages });
  });

  it.each<[string, object, RegExp]>([
    ['a typo', { maxlength: 3 }, /model.json is not a model manifest: the file: .*maxlength/],
    ['a list', [], /model.json is not a model manifest: the file/],
    ['an unknown format', { format: 'pickle' }, /model.json is not a model manifest: format/],
    ['another name than its path', { name: 'albert' }, /holds albert@1, but its path is that of bert@1/],
    ['a file outside', { graph: '../model.onnx' }, /graph: .*/],
    [
      'a cascade of itself',
      { stages: [{ model: 'bert', threshold: 0.5 }, { model: 'large' }] },
      /stages.0.model: is the cascade itself/,
    ],
    [
      'a cascade of itself by version',
      { stages: [stages[0], { model: 'bert@1' }] },
      /stages.1.model: is the cascade itself/,
    ],
    ['a cascade of one', { stages: [{ model: 'large' }] }, /stages: /],
    [
      'a stage that never passes on',
      { stages: [{ model: 'small' }, { model: 'large' }] },
      /stages.0.threshold: every stage but the last needs one/,
    ],
    [
      'a last stage with a threshold',
      { stages: [stages[0], stages[0]] },
      /stages.1.threshold: the last stage always answers/,
    ],
    [
      'a threshold that is no probability',
      { stages: [{ model: 'small', threshold: 2 }, stages[1]] },
      /stages.0.threshold/,
    ],
  ])('with %s is refused', (_, content, message) => {
    manifest(content);
    const [fault] = modelsBelow(bert.directory).faults;
    expect(fault?.error).toBeInstanceOf(ModelError);
    expect(fault?.error.message).toMatch(message);
  });

  it('that says nothing, beside nothing, is refused', () => {
    manifest({});
    bert.remove('config.json');
    bert.remove('tokenizer.json');
    expect(() => bert.model()).toThrow(/model.json is not a model manifest: format/);
  });

  it('of another format is not loaded', async () => {
    await expect(loadSklearn(bert.model())).rejects.toThrow(/bert@1 has format transformer, not sklearn/);
    const model = { folder: TFIDF, manifest: readManifest(TFIDF) };
    await expect(loadTransformer(model)).rejects.toThrow(
      /banking77-tfidf@1 has format sklearn, not transformer/,
    );
  });
});
