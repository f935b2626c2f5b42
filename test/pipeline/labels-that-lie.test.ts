import type { AttributeMap } from '../../src/dynamodb-json/attributes.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import { labelBatch } from '../../src/pipeline/label-batch.ts';
import { memoryLabels, memoryRejects, NO_DEADLINE, SETTINGS, toyModels } from '../support/fakes.ts';
import { base64, change, streamRecords } from '../support/records.ts';

const run = async (datas: readonly string[], settings: Partial<typeof SETTINGS> = {}) => {
  const [models, labels, rejects] = [toyModels(), memoryLabels(), memoryRejects()];
  const parts = { models, labels, rejects, settings: { ...SETTINGS, ...settings } };
  const { outcomes } = await labelBatch(streamRecords(datas), parts, NO_DEADLINE);
  return {
    kinds: outcomes.map(({ kind }) => kind),
    asked: models.asked,
    writes: labels.writes.map(({ document: { holds, hash }, labels: said }) => ({ holds, hash, said })),
    rejects: rejects.rejects.map(({ error }) => error.code),
  };
};

const MARKS = { label_model: { S: 'toy@1' }, label_hash: { S: sha256('hello') } };
const LABELLED = { ...MARKS, label: { S: 'length-5' }, label_score: { N: '0.5' } };
const item = (newImage: AttributeMap, other = {}) =>
  change('a', '', { eventName: 'MODIFY', newImage: { id: { S: 'a' }, ...newImage }, ...other });

describe('marks of a label', () => {
  it.each([
    ['the label was removed', MARKS],
    ['the label is NULL', { ...MARKS, label: { NULL: true } }],
    ['the hash was changed', { ...LABELLED, label_hash: { S: 'x' } }],
    ['the hash was removed', { ...LABELLED, label_hash: { NULL: true } }],
    ['the model was changed', { ...LABELLED, label_model: { S: 'x' } }],
  ])('do not count where %s', async (_, marks) => {
    expect(await run([item({ text: { S: 'hello' }, ...marks })])).toMatchObject({
      kinds: ['labelled'],
      asked: ['toy@1 hello'],
    });
  });

  it('count where all of them are there', async () => {
    expect(await run([item({ text: { S: 'hello' }, ...LABELLED })])).toMatchObject({
      kinds: ['skipped'],
      asked: [],
    });
  });

  it('do not count where labels are written elsewhere', async () => {
    const labelled = [item({ text: { S: 'hello' }, ...LABELLED })];
    expect(await run(labelled, { labelsElsewhere: true })).toMatchObject({ kinds: ['labelled'] });
  });
});

describe('a text that is gone', () => {
  const NOTHING = { path: ['text'], value: undefined };

  it('takes its label with it, while there is none', async () => {
    const { kinds, asked, writes } = await run([item(LABELLED)]);
    expect([kinds, asked]).toEqual([['cleared'], []]);
    expect(writes).toMatchObject([{ said: [{ model: { id: 'toy@1' }, answer: undefined }] }]);
    expect(writes[0]?.holds).toContainEqual(NOTHING);
  });

  it.each([
    ['an error', { label_error: { S: 'bad-text' }, ...MARKS }],
    ['a part of a label', { label_score: { N: '0.5' } }],
  ])('takes %s with it', async (_, marks) => {
    expect((await run([item(marks)])).kinds).toEqual(['cleared']);
  });

  it.each<[string, string, Partial<typeof SETTINGS>]>([
    ['there is none', item({ other: { S: 'x' } }), {}],
    ['it is of a model that the item does not ask', item({ tone: { S: 'calm' }, tone_hash: { S: 'x' } }), {}],
    ['labels are written elsewhere', item(LABELLED), { labelsElsewhere: true }],
    ['plain JSON says it, which need not say what else the item holds', base64('{"id":"a","label":"x"}'), {}],
  ])('leaves the label alone where %s', async (_, data, settings) => {
    expect(await run([data], settings)).toMatchObject({ kinds: ['skipped'], writes: [] });
  });

  it('takes the label of the model with it that the item names, or of the default one', async () => {
    const tone = { tone: { S: 'calm' }, tone_hash: { S: 'x' } };
    const named = await run([item({ model_type: { S: 'tone' }, ...tone, ...LABELLED })]);
    expect(named.writes.map(({ said }) => said.map(({ model }) => model.id))).toEqual([['tone@1']]);
    const unknown = await run([item({ model_type: { S: 'nobody' }, ...tone, ...LABELLED })]);
    expect(unknown.writes.map(({ said }) => said.map(({ model }) => model.id))).toEqual([['toy@1']]);
  });
});

describe('a text that no model takes', () => {
  const BAD: readonly (readonly [string, string, AttributeMap])[] = [
    ['bad-text', 'a number', { text: { N: '5' } }],
    ['bad-text', 'a binary value', { text: { B: 'AAE=' } }],
    ['bad-text', 'a map', { text: { M: { a: { L: [{ BS: ['AAE='] }] } } } }],
    ['bad-text', 'no JSON', { textblob: { S: 'x' } }],
    ['text-too-long', 'too long', { text: { S: 'x'.repeat(101) } }],
    ['bad-score', 'one of which it says no number', { text: { S: 'NaN' } }],
  ];

  it.each(BAD)('is told on the item (%s: %s) and kept among the rejects', async (code, _, image) => {
    const { kinds, writes, rejects } = await run([item(image)]);
    expect([kinds, rejects]).toEqual([['rejected'], [code]]);
    const [[name = '', value] = []] = Object.entries(image);
    expect(writes).toMatchObject([{ said: [{ model: { id: 'toy@1' }, answer: { error: { code } } }] }]);
    expect(writes[0]?.holds).toContainEqual({ path: [name], value });
  });

  it.each(BAD)('is no news once the item tells it (%s: %s)', async (code, _, image) => {
    const { writes } = await run([item(image)]);
    const told = {
      label_error: { S: code },
      label_model: { S: 'toy@1' },
      label_hash: { S: writes[0]?.hash },
    };
    expect(await run([item({ ...image, ...(told as AttributeMap) })])).toMatchObject({
      kinds: ['skipped'],
      asked: [],
      writes: [],
      rejects: [],
    });
  });

  it('is told of anew where it is another one, or of another model', async () => {
    const told = { label_error: { S: 'bad-text' }, label_model: { S: 'toy@1' }, label_hash: { S: 'x' } };
    expect((await run([item({ text: { N: '6' }, ...told })])).kinds).toEqual(['rejected']);
  });

  it('is classified where a setting takes it now, though the item tells an error of the text', async () => {
    const text = 'x'.repeat(101);
    const marks = { label_model: { S: 'toy@1' }, label_hash: { S: sha256(text) } };
    const image = { text: { S: text }, ...marks, label_error: { S: 'text-too-long' } };
    expect((await run([item(image)])).kinds).toEqual(['skipped']);
    expect((await run([item(image)], { maxTextCharacters: 200 })).kinds).toEqual(['labelled']);
    const ofModel = { ...image, label_error: { S: 'bad-score' } };
    expect((await run([item(ofModel)], { maxTextCharacters: 200 })).kinds).toEqual(['skipped']);
  });

  it('is no news where the item bears a label of it all the same', async () => {
    const text = 'x'.repeat(101);
    const image = { text: { S: text }, ...LABELLED, label_hash: { S: sha256(text) } };
    expect(await run([item(image)])).toMatchObject({ kinds: ['skipped'], rejects: [] });
  });

  it('is rejected without a word on the item where no item can hold it, or where its models are unknown', async () => {
    for (const image of [
      { text: null },
      { text: { S: 'x', N: '1' } },
      { text: { X: 1 } },
      { text: { N: 'x' } },
    ])
      expect(await run([item(image as never)])).toMatchObject({ kinds: ['rejected'], writes: [] });
    const unknown = await run([item({ text: { N: '5' }, model_type: { S: 'nobody' } })]);
    expect(unknown).toMatchObject({ kinds: ['rejected'], writes: [], rejects: ['bad-text'] });
  });

  it('is told under the prefix of each model that the item asks', async () => {
    const { writes } = await run([item({ text: { N: '5' }, model_type: { S: 'toy,tone' } })]);
    expect(writes.map(({ said }) => said.map(({ model }) => model.attribute))).toEqual([['label', 'tone']]);
  });
});
