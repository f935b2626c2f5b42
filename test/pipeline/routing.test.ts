import { labelsOf } from '../../src/tasks/text-classification.ts';
import { labelBatch } from '../../src/pipeline/label-batch.ts';
import type { AttributeValue } from '../../src/dynamodb-json/attributes.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import { MOST_MODELS } from '../../src/pipeline/items/route.ts';
import type { LabelWrite, ModelLabel } from '../../src/pipeline/destinations.ts';
import { textAttribute } from '../../src/tasks/item-text.ts';
import { memoryLabels, memoryRejects, NO_DEADLINE, SETTINGS, toyModels } from '../support/fakes.ts';
import { base64, change, streamRecords } from '../support/records.ts';

const run = async (
  datas: readonly string[],
  { models = toyModels(), labels = memoryLabels(), settings = SETTINGS } = {},
) => {
  const rejects = memoryRejects();
  const parts = { models, labels, rejects, settings };
  const { outcomes } = await labelBatch(streamRecords(datas), parts, NO_DEADLINE);
  const codes = rejects.rejects.map(({ error }) => error.code);
  return { kinds: outcomes.map(({ kind }) => kind), asked: models.asked, writes: labels.writes, codes };
};

/** An item that names its models, and what else it has. */
const routed = (
  id: string,
  text: string,
  model_type: AttributeValue | undefined,
  other: Readonly<Record<string, AttributeValue>> = {},
) =>
  change(id, text, {
    newImage: { id: { S: id }, text: { S: text }, ...(model_type && { model_type }), ...other },
  });

const labelOf = (prefix: string, id: string, text: string) => ({
  [prefix]: { S: 'there' },
  [`${prefix}_model`]: { S: id },
  [`${prefix}_hash`]: { S: sha256(text) },
});

const spoken = ({ answer }: ModelLabel): string | undefined => {
  if (answer === undefined) return 'nothing';
  return 'error' in answer ? answer.error.code : labelsOf(answer).labels[0]?.label;
};

const said = ({ document, labels }: LabelWrite) => [
  document.item.keys.id?.S,
  ...labels.map((label) => `${label.model.attribute}: ${spoken(label)}`),
];

describe('the models that an item names', () => {
  it.each<[string, AttributeValue | undefined]>([
    ['a string', { S: 'tone' }],
    ['a string with version and space', { S: ' tone@1 ,' }],
    ['a string set', { SS: ['tone'] }],
    ['a list', { L: [{ S: 'tone' }] }],
  ])('are told by %s', async (_, model_type) => {
    const { kinds, asked } = await run([routed('a', 'hello', model_type)]);
    expect([kinds, asked]).toEqual([['labelled'], ['tone@1 hello']]);
  });

  it.each<[string, AttributeValue | undefined]>([
    ['without the attribute', undefined],
    ['where it is NULL', { NULL: true }],
    ['where it is empty', { S: ' , ' }],
    ['where it is an empty list', { L: [] }],
  ])('are the default ones %s', async (_, model_type) => {
    expect((await run([routed('a', 'hello', model_type)])).asked).toEqual(['toy@1 hello']);
  });

  it.each<[string, string, AttributeValue]>([
    ['bad-text', 'a number', { N: '1' }],
    ['bad-text', 'a list with others than strings', { L: [{ S: 'tone' }, { N: '1' }] }],
    ['bad-text', 'a map', { M: { S: { S: 'tone' } } }],
    ['unknown-model', 'a name among others that nobody has', { S: 'tone,nobody' }],
    [
      'conflicting-models',
      'too many',
      {
        S: Array(MOST_MODELS + 1)
          .fill('tone')
          .join(),
      },
    ],
  ])('are rejected (%s) where they are %s', async (code, _, model_type) => {
    const { kinds, codes } = await run([routed('a', 'hello', model_type), change('b', 'two')]);
    expect([kinds, codes]).toEqual([['rejected', 'labelled'], [code]]);
  });

  it('may differ from record to record; each text goes to each model once, and each model gets its texts together', async () => {
    const { kinds, asked } = await run([
      routed('a', 'one', undefined),
      routed('b', 'one', { S: 'tone' }),
      routed('c', 'one', { S: 'toy' }),
      routed('d', 'four', { S: 'tone' }),
      routed('e', 'one', { S: 'tone' }),
      routed('f', 'five', undefined),
    ]);
    expect(kinds).toEqual(Array(6).fill('labelled'));
    // Chunks hold two documents.
    expect(asked).toEqual(['toy@1 one', 'toy@1 five', 'tone@1 one', 'tone@1 four', 'tone@1 one']);
  });
});

describe('several models on one item', () => {
  const both = { SS: ['toy', 'tone'] };

  it('give their labels in one write', async () => {
    const { kinds, writes } = await run([routed('a', 'hello', both)]);
    expect(kinds).toEqual(['labelled']);
    expect(writes.map(said)).toEqual([['a', 'label: length-5', 'tone: tone@1 length-5']]);
  });

  it('are asked only for the labels that the item lacks', async () => {
    const there = labelOf('label', 'toy@1', 'hello');
    const { writes, asked } = await run([routed('a', 'hello', both, there)]);
    expect(asked).toEqual(['tone@1 hello']);
    expect(writes.map(said)).toEqual([['a', 'tone: tone@1 length-5']]);
    const whole = { ...there, ...labelOf('tone', 'tone@1', 'hello') };
    expect(await run([routed('a', 'hello', both, whole)])).toMatchObject({ kinds: ['skipped'], asked: [] });
    const older = { ...there, ...labelOf('tone', 'tone@1', 'an older text') };
    expect((await run([routed('a', 'hello', both, older)])).asked).toEqual(['tone@1 hello']);
  });

  it('label what they can where one of them cannot run, and the record is delivered again', async () => {
    const models = Object.assign(toyModels(), { failing: ['tone@1'] });
    const first = await run([routed('a', 'hello', both), routed('b', 'two', { S: 'toy' })], { models });
    expect(first.kinds).toEqual(['failed', 'labelled']);
    expect(first.writes.map(said)).toEqual([
      ['a', 'label: length-5'],
      ['b', 'label: length-3'],
    ]);
    // The label that was written has come back by then: its record is newer.
    models.failing = [];
    models.asked.length = 0;
    const back = change('a', 'hello', {
      newImage: { text: { S: 'hello' }, model_type: both, ...labelOf('label', 'toy@1', 'hello') },
      createdMicros: 1_719_347_899_000_000,
    });
    const again = await run([routed('a', 'hello', both), back], { models });
    expect(again.kinds).toEqual(['superseded', 'labelled']);
    expect(again.asked).toEqual(['tone@1 hello']);
  });

  it('label what they can where one of them cannot classify the text, which is rejected', async () => {
    const { kinds, codes, writes } = await run([routed('a', 'no tone@1', both)]);
    expect([kinds, codes]).toEqual([['rejected'], ['bad-score']]);
    expect(writes.map(said)).toEqual([['a', 'label: length-9', 'tone: bad-score']]);
  });

  it('end as the one that is worst off', async () => {
    const models = Object.assign(toyModels(), { failing: ['toy@1'] });
    const { kinds, codes } = await run([routed('a', 'no tone@1', both)], { models });
    expect([kinds, codes]).toEqual([['failed'], []]);
    const labels = memoryLabels(() => ({ kind: 'superseded' }));
    const gone = await run([routed('a', 'hello', both)], { labels });
    expect(gone.kinds).toEqual(['superseded']);
  });
});

describe('what an item must still hold when its label is written', () => {
  const holdsOf = async (data: string, settings = SETTINGS) =>
    (await run([data], { settings })).writes[0]?.document.holds;

  it('is its text and its choice of models', async () => {
    const text = { path: ['text'], value: { S: 'hello' } };
    expect(await holdsOf(routed('a', 'hello', undefined))).toEqual([
      { path: ['model_type'], value: undefined },
      text,
    ]);
    expect(await holdsOf(routed('a', 'hello', { S: 'tone' }))).toEqual([
      { path: ['model_type'], value: { S: 'tone' } },
      text,
    ]);
    expect(await holdsOf(routed('a', 'hello', { L: [{ S: 'tone' }] }))).toEqual([
      { path: ['model_type', 0], value: { S: 'tone' } },
      { path: ['model_type', 1], value: undefined },
      text,
    ]);
  });

  it('is what plain JSON says of the item: its text, and its choice of models or that it makes none', async () => {
    const text = { path: ['text'], value: { S: 'hello' } };
    expect(await holdsOf(base64('{"id":"a","text":"hello"}'))).toEqual([
      { path: ['model_type'], value: undefined },
      text,
    ]);
    expect(await holdsOf(base64('{"id":"a","text":"hello","model_type":"tone"}'))).toEqual([
      { path: ['model_type'], value: { S: 'tone' } },
      text,
    ]);
  });

  it('is that there is no text in the places that come before', async () => {
    expect(await holdsOf(base64('{"id":"a","textblob":"\\"hello\\""}'))).toEqual([
      { path: ['model_type'], value: undefined },
      { path: ['text'], value: undefined },
      { path: ['textblob'], value: { S: '"hello"' } },
    ]);
  });

  it('lets two choices of the same instant stand for themselves', async () => {
    const { kinds, asked } = await run([
      routed('a', 'hello', { S: 'tone' }),
      routed('a', 'hello', { S: 'rival' }),
      routed('a', 'hello', { S: 'rival' }),
    ]);
    expect(kinds).toEqual(['labelled', 'superseded', 'labelled']);
    expect(asked).toEqual(['tone@1 hello', 'rival@2 hello']);
  });

  it('is the second text of a pair, too, or that there is none', async () => {
    const settings = { ...SETTINGS, textPairAttribute: textAttribute('premise') };
    const pair = await run([routed('a', 'hello', undefined, { premise: { S: 'world' } })], { settings });
    expect(pair.asked).toEqual(['toy@1 hello | world']);
    expect(pair.writes[0]?.document).toMatchObject({
      hash: sha256('["hello","world"]'),
      holds: [
        { path: ['model_type'] },
        { path: ['text'], value: { S: 'hello' } },
        { path: ['premise'], value: { S: 'world' } },
      ],
    });
    expect(await holdsOf(routed('a', 'hello', undefined), settings)).toContainEqual({
      path: ['premise'],
      value: undefined,
    });
    const bad = await run([routed('a', 'hello', undefined, { premise: { N: '1' } })], { settings });
    expect(bad.codes).toEqual(['bad-text']);
  });

  it('tells a pair from a text that is written like one, and each from the other way round', async () => {
    const settings = { ...SETTINGS, textPairAttribute: textAttribute('premise') };
    const premise = (S: string) => ({ premise: { S } });
    const { asked } = await run(
      [
        routed('a', 'x', undefined, premise('y')),
        routed('b', 'y', undefined, premise('x')),
        routed('c', '["x","y"]', undefined),
        routed('d', 'x', undefined, premise('y')),
      ],
      { settings: { ...settings, chunkSize: 10 } },
    );
    expect(asked).toEqual(['toy@1 x | y', 'toy@1 y | x', 'toy@1 ["x","y"]']);
  });
});
