import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { verify } from '../../../../src/tools/ingest/verify/verify.ts';
import { type AttributeMap, itemName } from '../../../../src/dynamodb-json/attributes.ts';
import { contentHash, sha256 } from '../../../../src/tasks/content-hash.ts';
import type { Classifier, Models } from '../../../../src/tasks/model.ts';
import { contentKey } from '../../../../src/stores/labels-table.ts';
import { toWire } from '../../../../src/stores/dynamodb/wire-format.ts';
import { startDynamoDb, type TestDynamoDb } from '../../../support/dynamodb.ts';
import { SETTINGS, toyModels } from '../../../support/fakes.ts';

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.stop());

/** The toy models, of which `tone` says that another has spoken, as a cascade does. */
const models = (): Models => {
  const toys = toyModels();
  const load = async (id: string): Promise<Classifier> => {
    const model = await toys.load(id);
    if (id !== 'tone@1') return model;
    const by = (text: unknown): string => (String(text).length < 5 ? 'small@1' : 'large@1');
    return {
      ...model,
      classify: async (texts) =>
        (await model.classify(texts)).map((said, index) =>
          'error' in said ? said : { ...said, by: by(texts[index]) },
        ),
    };
  };
  return { ...toys, load };
};

const toy = (text: string, other: AttributeMap = {}): AttributeMap => ({
  label: { S: `length-${text.length}` },
  label_score: { N: '0.5' },
  label_model: { S: 'toy@1' },
  label_hash: { S: sha256(text) },
  ...other,
});

const tone = (text: string, by: string): AttributeMap => ({
  tone: { S: `tone@1 length-${text.length}` },
  tone_score: { N: '0.5' },
  tone_model: { S: 'tone@1' },
  tone_hash: { S: sha256(text) },
  tone_by: { S: by },
});

const CONTEXT = 'Ada wrote the first program.';

const question = (text = 'Who wrote it?'): AttributeMap => ({
  ...{ question: { S: text }, context: { S: CONTEXT }, model_type: { S: 'reader' } },
});

const toyAnswer = (other: AttributeMap = {}): AttributeMap => ({
  ...{ answer: { S: 'Ada' }, answer_score: { N: '0.5' }, answer_start: { N: '0' }, answer_end: { N: '3' } },
  answer_model: { S: 'reader@1' },
  answer_hash: { S: contentHash('Who wrote it?', CONTEXT) },
  ...other,
});

const both = { model_type: { SS: ['toy', 'tone'] } };

const put = async (table: string, item: AttributeMap): Promise<void> => {
  await dynamodb.client.send(new PutItemCommand({ TableName: table, Item: toWire(item) }));
};

const verified = async (...items: readonly AttributeMap[]) => {
  const table = await dynamodb.createTable('id');
  for (const [index, item] of items.entries()) await put(table, { id: { S: `item-${index}` }, ...item });
  return verify(dynamodb.client, models(), { settings: { ...SETTINGS, table } });
};

describe('verify', () => {
  /** Toys have a score of 0.5, and no reference. */
  const drift = (model: string, texts: number) => ({
    ...{ model, texts, confidence: { mean: 0.5, below: 0.5, share: 0 } },
    ...{ reference: null, index: null, moved: [] },
  });

  it('counts labels by model, and by the models that a cascade asks', async () => {
    const expected_label = { S: 'length-3' };
    const found = await verified(
      { text: { S: 'one' }, ...toy('one'), expected_label },
      { text: { S: 'four' }, ...toy('four'), expected_label },
      { text: { S: 'one' }, ...both, ...toy('one'), ...tone('one', 'small@1') },
      { text: { S: 'three' }, model_type: { S: 'tone' }, ...tone('three', 'large@1') },
      { other: { S: 'no text' } },
    );
    expect(found).toEqual({
      items: 5,
      lost: 0,
      wrong: 0,
      models: [
        { model: 'tone@1', items: 2, by: { 'large@1': 1, 'small@1': 1 } },
        { model: 'toy@1', items: 3, expected: 2, accuracy: 0.5 },
      ],
      labels: expect.arrayContaining([{ label: 'length-3', items: 2 }]),
      quality: {
        byLabel: [{ label: 'length-3', items: 2, right: 1 }],
        confusions: [{ expected: 'length-3', label: 'length-4', items: 1 }],
        calibration: { expectedError: 0, bins: [expect.objectContaining({ count: 2, accuracy: 0.5 })] },
        byThreshold: expect.arrayContaining([
          { threshold: 0.5, answered: 1, accuracy: 0.5 },
          { threshold: 0.55, answered: 0, accuracy: 1 },
        ]),
      },
      drift: [drift('toy@1', 3), drift('tone@1', 2)],
    });
  });

  it('counts answers to questions, and no labels of them', async () => {
    expect(await verified({ ...question(), ...toyAnswer() }, { text: { S: 'one' }, ...toy('one') })).toEqual({
      ...{ items: 2, lost: 0, wrong: 0 },
      models: [
        { model: 'reader@1', items: 1 },
        { model: 'toy@1', items: 1 },
      ],
      labels: [{ label: 'length-3', items: 1 }],
      quality: null,
      drift: [drift('toy@1', 1), drift('reader@1', 1)],
    });
  });

  it.each<[string, AttributeMap, 'lost' | 'wrong' | undefined]>([
    ['no label', { text: { S: 'one' } }, 'lost'],
    ['one of two labels', { text: { S: 'one' }, ...both, ...toy('one') }, 'lost'],
    [
      'the label of another model',
      { text: { S: 'one' }, ...toy('one', { label_model: { S: 'rival@2' } }) },
      'lost',
    ],
    ['the label of another text', { text: { S: 'one' }, ...toy('two') }, 'wrong'],
    ['another label', { text: { S: 'one' }, ...toy('one', { label: { S: 'x' } }) }, 'wrong'],
    [
      'the label of a model that should not have spoken',
      { text: { S: 'one' }, model_type: { S: 'tone' }, ...tone('one', 'large@1') },
      'wrong',
    ],
    ['a label though no model takes the text', { text: { S: 'NaN' }, ...toy('NaN') }, 'wrong'],
    ['no label of a text that no model takes', { text: { S: 'NaN' } }, undefined],
    ['a label though what is in place of the text is none', { text: { N: '5' }, ...toy('5') }, 'wrong'],
    ['a label though there is no text', toy('one'), 'wrong'],
    ['an error though there is no text', { label_error: { S: 'bad-text' } }, 'wrong'],
    [
      'a label of a model that the item does not name, though there is no text',
      tone('one', 'small@1'),
      undefined,
    ],
    [
      'an attribute of the user that is named like a hash',
      { text: { S: 'one' }, user_hash: { S: 'x' } },
      'lost',
    ],
    ['no answer to a question', question(), 'lost'],
    ['the answer to a question', { ...question(), ...toyAnswer() }, undefined],
    ['the answer to another question', { ...question('Who?'), ...toyAnswer() }, 'wrong'],
    ['another answer', { ...question(), ...toyAnswer({ answer: { S: 'Nobody' } }) }, 'wrong'],
    ['an answer from elsewhere', { ...question(), ...toyAnswer({ answer_end: { N: '5' } }) }, 'wrong'],
    ['an answer to no question', { model_type: { S: 'reader' }, ...toyAnswer() }, 'wrong'],
    ['a name that no model has', { text: { S: 'one' }, model_type: { S: 'nobody' } }, undefined],
  ])('sees %s', async (_, item, fault) => {
    const { lost, wrong } = await verified(item);
    expect({ lost, wrong }).toEqual({ lost: Number(fault === 'lost'), wrong: Number(fault === 'wrong') });
  });

  it('finds the labels of each model in a table of labels', async () => {
    const table = await dynamodb.createTable('id');
    const labelsTable = await dynamodb.createTable('item', 'content');
    await put(table, { id: { S: 'a' }, text: { S: 'one' }, ...both });
    const row = (model: string, label: string, other: AttributeMap = {}): AttributeMap => ({
      item: { S: itemName(table, { id: { S: 'a' } }) },
      content: { S: contentKey(model, sha256('one')) },
      label: { S: label },
      label_model: { S: model },
      label_hash: { S: sha256('one') },
      ...other,
    });
    await put(labelsTable, row('toy@1', 'length-3'));
    const look = () => verify(dynamodb.client, models(), { settings: { ...SETTINGS, table }, labelsTable });
    expect(await look()).toMatchObject({ items: 1, lost: 1, wrong: 0 });
    await put(labelsTable, row('tone@1', 'tone@1 length-3', { label_by: { S: 'small@1' } }));
    expect(await look()).toMatchObject({ lost: 0, wrong: 0, models: [{ items: 1 }, { items: 1 }] });
    await put(labelsTable, row('tone@1', 'tone@1 length-3'));
    expect(await look()).toMatchObject({ lost: 0, wrong: 1 });
  });

  it('does not say what it cannot know', async () => {
    const table = await dynamodb.createTable('id');
    await put(table, { id: { S: 'a' }, text: { S: 'one' }, ...toy('one') });
    const broken = Object.assign(toyModels(), { failing: true });
    await expect(verify(dynamodb.client, broken, { settings: { ...SETTINGS, table } })).rejects.toThrow(
      /could not classify/,
    );
  });
});
