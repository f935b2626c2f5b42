import fc from 'fast-check';
import { must } from '../../../src/errors.ts';
import { loadTransformer } from '../../../src/models/formats/transformer.ts';
import type { LoadOptions } from '../../../src/models/formats/format.ts';
import type { Answer, Prediction } from '../../../src/tasks/model.ts';
import { type Span, spansOf } from '../../../src/tasks/question-answering.ts';
import { toyReader } from '../../support/toy-reader.ts';
import type { Copy } from '../../support/transformers.ts';

let reader: Copy;
beforeEach(() => {
  reader = toyReader();
});
afterEach(() => reader.release());

const load = (options?: LoadOptions) => loadTransformer(reader.model(), options);
const manifest = (content: object) => reader.write('model.json', JSON.stringify(content));

const answered = (prediction: Prediction | undefined): Span => {
  if (prediction === undefined || 'error' in prediction) throw prediction?.error ?? new Error('no answer');
  return must(spansOf(prediction).spans[0], 'span');
};
const ask = async (context: string, question = 'card?', options?: LoadOptions): Promise<Span> => {
  const { classify } = await load(options);
  return answered((await classify([{ question, context }]))[0]);
};

describe('a folder of a model that answers questions', () => {
  it('is known by its architecture, and writes to answer', async () => {
    expect(reader.model().manifest).toMatchObject({ task: 'question-answering', attribute: 'answer' });
    expect(await load()).toMatchObject({ id: 'bert@1', task: 'question-answering', attribute: 'answer' });
  });

  it('is known by its manifest, which may name another attribute', () => {
    reader.edit('config.json', { architectures: ['BertModel'] });
    manifest({ task: 'question-answering' });
    expect(reader.model().manifest).toMatchObject({ task: 'question-answering', attribute: 'answer' });
    manifest({ task: 'question-answering', attribute: 'said' });
    expect(reader.model().manifest).toMatchObject({ attribute: 'said' });
  });

  it('cannot have the graph of a classifier', async () => {
    reader.useGraph('echo.onnx');
    await expect(load()).rejects.toThrow(
      /gives no start_logits and end_logits, so it does not answer questions/,
    );
  });

  it('cannot have a tokenizer whose tokens have no known place', async () => {
    reader.edit('tokenizer.json', {
      model: { type: 'Unigram', vocab: [['[UNK]', 0]], unk_id: 0 },
      normalizer: null,
      added_tokens: [],
      post_processor: null,
    });
    await expect(load()).rejects.toThrow(/tokenizer of type Unigram/);
  });

  it('takes settings from its manifest', async () => {
    manifest({ topK: 2, questions: { alignToWords: false, handleImpossible: true, scores: 'windows' } });
    const { classify } = await load();
    const [prediction] = await classify([{ question: 'card?', context: 'is it lost' }]);
    const { spans, listed } = spansOf(must(prediction, 'answer') as Answer);
    expect(spans.map(({ answer }) => answer)).toEqual(['lost', 'it lost']);
    expect(listed).toEqual(spans);
  });
});

describe('an answer', () => {
  it('is the part of the context from its start to its end, in code points', async () => {
    expect(await ask('💳💳 e\u0301 The CARD is lost 🏧.')).toEqual({
      answer: 'The',
      score: expect.any(Number),
      start: 6,
      end: 9,
    });
  });

  it('is found in any window of a context of 100,000 characters', async () => {
    const context = `${'card '.repeat(15_000)}💳 will ${'card '.repeat(5_000)}`;
    const { answer, start } = await ask(context);
    expect([answer, start]).toEqual(['will', Array.from(context.slice(0, context.indexOf('will'))).length]);
  });

  it('may be a special token that is meant as text', async () => {
    expect(await ask('[CLS] [SEP]')).toMatchObject({ answer: '[SEP]', start: 6, end: 11 });
  });

  it('is widened to whole words, unless that is not wanted', async () => {
    expect(await ask('changing')).toMatchObject({ answer: 'changing' });
    manifest({ questions: { alignToWords: false } });
    expect(await ask('changing')).toMatchObject({ answer: 'ing', start: 5, end: 8 });
  });

  const words = [
    'card',
    'is',
    'lost',
    'the',
    'will',
    'é',
    '💳',
    'ΟΔΟΣ',
    'xyz',
    '卡',
    '[SEP]',
    '.',
    '  ',
    '\u0301',
  ];
  const context = fc
    .array(fc.constantFrom(...words), { minLength: 1, maxLength: 60 })
    .map((all) => `a ${all.join(' ')}`);

  it('is the same alone and in a batch, and always the context at its place', async () => {
    const { classify } = await load({ limits: { maxTokens: 256 } });
    await fc.assert(
      fc.asyncProperty(fc.array(context, { minLength: 1, maxLength: 6 }), async (contexts) => {
        const inputs = contexts.flatMap((one) => [
          { question: 'card?', context: one },
          { question: 'Where is it?', context: one },
        ]);
        const together = (await classify(inputs)).map(answered);
        for (const [index, input] of inputs.entries()) {
          const span = must(together[index], 'answer');
          expect(Array.from(input.context).slice(span.start, span.end).join('')).toBe(span.answer);
          expect(answered((await classify([input]))[0])).toEqual(span);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('no answer', () => {
  it('has a question that is longer than a window', async () => {
    await expect(ask('is it lost', 'card '.repeat(40))).rejects.toMatchObject({
      code: 'text-too-long',
      message: expect.stringMatching(/^the question has 40 tokens, and 28 fit into a window of model bert@1/),
    });
  });

  it('has a context that the model reads nothing of', async () => {
    await expect(ask('\u0000\u200b')).rejects.toMatchObject({ code: 'bad-text' });
  });

  it('has a model that gives no numbers', async () => {
    reader.useGraph('no-numbers.onnx');
    await expect(load()).rejects.toThrow(/start_logits/);
  });

  it('does not take the answers of others with it', async () => {
    const { classify } = await load();
    const inputs = [
      { question: 'card '.repeat(40), context: 'is it lost' },
      { question: 'card?', context: 'is it lost' },
    ];
    const [first, second] = await classify(inputs);
    expect(first).toMatchObject({ error: { code: 'text-too-long' } });
    expect(answered(second).answer).toBe('lost');
  });
});
