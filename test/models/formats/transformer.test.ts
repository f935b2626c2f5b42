import fc from 'fast-check';
import { softmax } from '../../../src/tasks/label-scores.ts';
import type { LoadOptions } from '../../../src/models/formats/format.ts';
import { loadTransformer } from '../../../src/models/formats/transformer.ts';
import type { LabelAnswer, LabelPrediction } from '../../../src/tasks/label-scores.ts';
import type { TextClassifier } from '../../../src/tasks/text-classification.ts';
import type { TextInput } from '../../../src/tasks/text-classification.ts';
import { type Copy, copyOf, expectedOf, type FixtureName } from '../../support/transformers.ts';

const LABELS = ['card', 'cash', 'transfer', 'other'];
const NAMES: readonly FixtureName[] = ['bert', 'roberta'];

const copies: Copy[] = [];
const copy = (...args: Parameters<typeof copyOf>): Copy => {
  const made = copyOf(...args);
  copies.push(made);
  return made;
};
afterAll(() => copies.forEach(({ release }) => release()));

const load = (made: Copy, options?: LoadOptions): Promise<TextClassifier> =>
  loadTransformer(made.model(), options) as Promise<TextClassifier>;

const answer = (prediction: LabelPrediction | undefined): LabelAnswer => {
  if (prediction === undefined || 'error' in prediction) throw new Error('no answer', { cause: prediction });
  return prediction;
};

const answersOf = async (
  model: TextClassifier,
  texts: readonly TextInput[],
): Promise<readonly LabelAnswer[]> => (await model.classify(texts)).map(answer);

/** Scores in the order of the labels. */
const scoresOf = ({ labels }: LabelAnswer, names = LABELS): readonly number[] =>
  names.map((name) => labels.find(({ label }) => label === name)?.score ?? Number.NaN);

/** What the echo graph says it was fed, for each text. */
const echoes = async (made: Copy, texts: readonly TextInput[], options?: LoadOptions) => {
  const answers = await answersOf(
    await load(made, { ...options, limits: { maxPadding: 100, ...options?.limits } }),
    texts,
  );
  return answers.map((given) => {
    const [ids, masked, placed, counted] = scoresOf(given);
    return { ids, masked, placed, counted };
  });
};
const ECHO = { activation: 'none', topK: null };

describe.each(NAMES)('the tiny %s', (name) => {
  const expected = expectedOf(name);
  const inputs = expected.map(({ input }) => input);
  let all: TextClassifier;
  beforeAll(async () => {
    all = await load(copy(name), { topK: null });
  });

  it('gives the scores that transformers gave, of hostile texts and pairs too, and marks what it cut', async () => {
    const answers = await answersOf(all, inputs);
    for (const [index, { logits, truncated }] of expected.entries()) {
      const probabilities = [...softmax(Float32Array.from(logits))];
      const given = answers[index] as LabelAnswer;
      expect(scoresOf(given)).toEqual(probabilities.map((value) => expect.closeTo(value, 5)));
      expect(given.truncated ?? false).toBe(truncated);
    }
    expect(answers.some(({ truncated }) => truncated)).toBe(true);
  });

  it('gives a text the same label and score in any batch, whatever the budget', async () => {
    const alone = await Promise.all(inputs.map(async (input) => answersOf(all, [input])));
    const batch = fc.array(fc.nat({ max: inputs.length - 1 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(batch, fc.integer({ min: 1, max: 600 }), async (indices, maxTokens) => {
        const model = await load(copy(name), { topK: null, limits: { maxTokens } });
        const together = await answersOf(
          model,
          indices.map((index) => inputs[index] ?? ''),
        );
        for (const [position, index] of indices.entries()) {
          const [single] = alone[index] ?? [];
          const given = together[position] as LabelAnswer;
          expect(given.labels[0]?.label).toBe(single?.labels[0]?.label);
          expect(scoresOf(given)).toEqual(
            scoresOf(single as LabelAnswer).map((value) => expect.closeTo(value, 5)),
          );
        }
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ['lone surrogates', '\ud800card\udc00 \udfff'],
    ['U+0000', '\0'],
    ['100,000 characters', 'x'.repeat(100_000)],
    ['20,000 words', 'card '.repeat(20_000)],
    ['100,000 ideographs', '漢'.repeat(100_000)],
    ['all kinds of white space', '\t\r\n\u2028\u3000\ufeff'],
  ])('gives a label to %s', async (_, text) => {
    const [given] = await answersOf(all, [text]);
    expect(LABELS).toContain(given?.labels[0]?.label);
  });

  it('has nothing to say about nothing', async () => {
    expect(await all.classify([])).toEqual([]);
  });
});

describe('a graph in dynamic int8', () => {
  it('scores a text the same in any batch, to the last bit', async () => {
    const made = copy('bert');
    made.useGraph('bert-int8.onnx');
    const model = await load(made, { topK: null });
    const inputs = expectedOf('bert').map(({ input }) => input);
    const together = await answersOf(model, inputs);
    for (const [index, input] of inputs.entries())
      expect(await answersOf(model, [input])).toEqual([together[index]]);
  });
});

describe('the answers of a transformer', () => {
  const [, , , { input: text = '', logits = [] } = {}] = expectedOf('bert');
  const of = async (manifest: Record<string, unknown>, config: Record<string, unknown> = {}) => {
    const made = copy('bert', manifest);
    made.edit('config.json', config);
    const [given] = await answersOf(await load(made), [text]);
    return given;
  };
  const sigmoid = (index: number) => expect.closeTo(1 / (1 + Math.exp(-(logits[index] ?? 0))), 5);

  it('are one label, if nothing is said', async () => {
    expect(await of({})).toEqual({ labels: [{ label: 'cash', score: expect.any(Number) }] });
  });

  it('are as many labels as asked for, listed', async () => {
    const given = await of({ topK: 3 });
    expect(given?.labels.map(({ label }) => label)).toEqual(['cash', 'other', 'card']);
    expect(given?.listed).toEqual(given?.labels);
    expect((await of({ topK: null }))?.labels).toHaveLength(4);
  });

  it('are every label that passes the threshold, where labels are independent', async () => {
    const multiLabel = { problem_type: 'multi_label_classification' };
    const passing = [
      { label: 'cash', score: sigmoid(1) },
      { label: 'other', score: sigmoid(3) },
    ];
    expect(await of({}, multiLabel)).toEqual({ labels: passing, listed: passing });
    expect(await of({ threshold: 0.9 }, multiLabel)).toEqual({ labels: passing.slice(0, 1), listed: [] });
    expect((await of({ topK: null }, multiLabel))?.listed).toEqual(passing);
  });

  it('are the values themselves, in regression or if the manifest says so', async () => {
    const label = { label: 'cash', score: expect.closeTo(logits[1] ?? 0, 4) };
    expect(await of({ activation: 'none' })).toEqual({ labels: [label] });
    expect(await of({}, { problem_type: 'regression' })).toEqual({ labels: [label] });
  });

  it('bear the names of the manifest, or else of the configuration in order of index', async () => {
    expect((await of({ labels: ['a', 'b', 'c', 'd'] }))?.labels[0]?.label).toBe('b');
    const id2label = { 3: 'z', 0: 'w', 2: 'y', 1: 'x' };
    expect((await of({}, { id2label }))?.labels[0]?.label).toBe('x');
  });

  it('are an error where a score is not a finite number, for that text alone', async () => {
    const made = copy('bert', { labels: ['a', 'b'] });
    made.useGraph('no-numbers.onnx');
    const predictions = await (await load(made)).classify(['my card', '', 'x', 'my cash']);
    const faulty = { error: expect.objectContaining({ code: 'bad-score' }) };
    expect(predictions).toEqual([expect.anything(), faulty, faulty, expect.anything()]);
    expect(predictions[0]).toHaveProperty('labels');
  });

  it('are an error where the graph fails, for that text alone', async () => {
    const made = copy('bert');
    const tokens = [{ id: 9_999, content: 'beyond', special: true, normalized: false }];
    made.edit('tokenizer.json', { added_tokens: tokens });
    const [first, faulty, last] = await (await load(made)).classify(['my card', 'beyond it', 'my cash']);
    expect([first, last]).toEqual([{ labels: [expect.anything()] }, { labels: [expect.anything()] }]);
    expect(faulty).toEqual({ error: expect.objectContaining({ code: 'inference-failed' }) });
    expect(faulty).toHaveProperty('error.message', 'model bert@1 cannot classify a text of 4 tokens');
  });
});

describe('a text that the tokenizer fails at', () => {
  it('is an error after a while, and it alone, where a regular expression would take for ever', async () => {
    const made = copy('bert');
    const pattern = { Regex: '(?:a+)+$' };
    const pre_tokenizer = {
      type: 'Sequence',
      pretokenizers: [{ type: 'Split', pattern, behavior: 'Isolated' }],
    };
    made.edit('tokenizer.json', { pre_tokenizer });
    const model = await load(made, { tokenizerLimitMs: 50 });
    const texts = ['hello', `${'a'.repeat(60)}!`, 'my card'];
    const predictions = await model.classify(texts);
    expect(predictions.map((each) => ('error' in each ? each.error.message : 'a label'))).toEqual([
      'a label',
      'model bert@1 cannot tokenise a text of 61 characters within 50 ms',
      'a label',
    ]);
  });

  it('is an error, and it alone', async () => {
    const made = copy('bert');
    const model = { type: 'BPE', vocab: { x: 5 }, merges: [], unk_token: 'none' };
    made.edit('tokenizer.json', { normalizer: null, pre_tokenizer: null, model });
    made.edit('tokenizer.json', { post_processor: null, added_tokens: [] });
    const predictions = await (await load(made)).classify(['xx', 'xyz']);
    expect(predictions[0]).toHaveProperty('labels');
    expect(predictions[1]).toEqual({ error: expect.objectContaining({ code: 'inference-failed' }) });
    expect(predictions[1]).toHaveProperty(
      'error.message',
      'model bert@1 cannot tokenise a text of 3 characters',
    );
  });
});

describe('what a graph is fed with', () => {
  const echo = (name: FixtureName = 'bert'): Copy => {
    const made = copy(name, ECHO);
    made.useGraph('echo.onnx');
    return made;
  };
  const [, , , { ids = [] } = {}] = expectedOf('bert');
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const texts = ['I lost my card.', ''];
  const padId = 4;

  it('is filled up behind with the padding token, masked', async () => {
    const made = echo();
    made.edit('tokenizer_config.json', { pad_token: '[MASK]' });
    const padding = padId * (ids.length - 2);
    expect(await echoes(made, texts)).toEqual([
      { ids: sum(ids), masked: sum(ids), placed: sum(ids.map((id, at) => id * at)), counted: 28 },
      { ids: 5 + padding, masked: 5, placed: 3, counted: 3 },
    ]);
  });

  it('is filled up in front, if the tokenizer says so', async () => {
    const made = echo();
    made.edit('tokenizer_config.json', { pad_token: '[MASK]', padding_side: 'left' });
    const [, empty] = await echoes(made, texts);
    expect(empty).toEqual({ ids: 5 + padId * 5, masked: 5, placed: 3, counted: 6 + 7 });
  });

  it('counts positions from behind that of the padding token, in models of the RoBERTa kind', async () => {
    const [given] = await echoes(echo('roberta'), ['']);
    expect(given?.placed).toBe(2 * 3);
  });

  it('is not filled up where there is no padding token', async () => {
    const made = echo();
    made.edit('tokenizer_config.json', { pad_token: null, padding_side: 'left' });
    made.edit('config.json', { pad_token_id: null });
    const [, empty] = await echoes(made, texts);
    expect(empty).toEqual({ ids: 5, masked: 5, placed: 3, counted: 3 });
  });

  it.each([
    ['the manifest', { maxLength: 4 }, {}, {}, 4],
    ['the tokenizer', {}, { model_max_length: 5 }, {}, 5],
    ['the positions, if fewer', {}, { model_max_length: 1e30 }, { max_position_embeddings: 6 }, 6],
    ['nothing, so 512 tokens', {}, { model_max_length: 1e30 }, { max_position_embeddings: null }, 512],
  ])('is as long as %s allows', async (_, manifest, tokenizerConfig, config, longest) => {
    const made = copy('bert', { ...ECHO, ...manifest });
    made.useGraph('echo.onnx');
    made.edit('tokenizer_config.json', tokenizerConfig);
    made.edit('config.json', config);
    const [given] = await echoes(made, ['card '.repeat(600)]);
    expect(given?.counted).toBe((longest * (longest + 1)) / 2);
  });

  it('is as long as the positions left, where the first ones are not for texts', async () => {
    const made = echo('roberta');
    made.edit('tokenizer_config.json', { model_max_length: 1e30 });
    const [given] = await echoes(made, ['card '.repeat(600)]);
    expect(given?.counted).toBe((32 * 33) / 2);
  });

  it('loses its beginning, if the tokenizer says so', async () => {
    const made = copy('bert', { ...ECHO, maxLength: 4 });
    made.useGraph('echo.onnx');
    made.edit('tokenizer_config.json', { truncation_side: 'left' });
    const [card, period] = ids.slice(4, 6);
    const [given] = await echoes(made, ['I lost my card.']);
    expect(given?.ids).toBe(2 + 3 + (card ?? 0) + (period ?? 0));
  });

  it.each([
    ['texts', { maxItems: 1 }],
    ['padded tokens', { maxTokens: 2 * ids.length - 1 }],
  ])('is cut in runs of as few %s as the manifest says', async (_, limits) => {
    const made = copy('bert', { ...ECHO, limits });
    made.useGraph('echo.onnx');
    made.edit('tokenizer_config.json', { pad_token: '[MASK]' });
    const [, empty] = await echoes(made, texts);
    expect(empty?.ids).toBe(5);
  });

  it('takes its constants from a file beside it, where it has them there', async () => {
    const made = copy('bert', ECHO);
    made.useGraph('external.onnx', 'external.onnx');
    made.useGraph('external.onnx_data', 'external.onnx_data');
    made.remove('model.onnx');
    const [, empty] = await echoes(made, texts);
    expect(empty?.placed).toBe(3);
  });
});
