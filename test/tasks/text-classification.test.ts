import { toWire, valueToWire } from '../../src/stores/dynamodb/wire-format.ts';
import { textAttribute } from '../../src/tasks/item-text.ts';
import { readLabels, textClassification } from '../../src/tasks/text-classification.ts';
import { taskOf, tasks } from '../../src/tasks/tasks.ts';

const SETTINGS = {
  textAttributes: [textAttribute('text'), textAttribute('textblob', 'json')],
  textPairAttribute: textAttribute('pair'),
  maxTextCharacters: 10,
};

const { attributesOf, contentOf, fields, fieldsOf, hashAtAGlance, inputOf, jsonOf } = textClassification;

describe('the task of text classification', () => {
  it('is found by the name that manifests give it', () => {
    expect(taskOf({ task: 'text-classification' })).toBe(tasks[0]);
    expect(() => taskOf({ task: 'juggling' })).toThrow('task juggling is missing');
  });

  it('asks about the text of an item, or about a pair', () => {
    expect(contentOf({ text: { S: 'hello' } }, SETTINGS).input).toBe('hello');
    expect(contentOf({ text: { S: 'hello' }, pair: { S: 'you' } }, SETTINGS).input).toEqual({
      text: 'hello',
      textPair: 'you',
    });
    expect(contentOf({ text: { S: 'longer than that' } }, SETTINGS).input).toBeInstanceOf(Error);
    expect(contentOf({}, SETTINGS)).toMatchObject({ input: undefined, hash: '' });
  });

  it.each([
    [{ text: { S: 'hello' } }],
    [{ textblob: { S: '"hello"' } }],
    [{ text: { S: 'hello' }, pair: { S: 'you' } }],
  ])('knows the hash of %j at a glance', (item) => {
    expect(hashAtAGlance(item, SETTINGS)).toBe(contentOf(item, SETTINGS).hash);
  });

  it.each([
    [{ text: { S: 'hello' } }],
    [{ textblob: { S: '"hello"' } }],
    [{ textblob: { S: 'hello' } }],
    [{ text: { S: 'hello' }, pair: { S: 'you' } }],
    [{ text: { S: 'hello' }, pair: { S: 'longer than that' } }],
    [{ text: { N: '1' } }],
    [{ text: { NULL: true } }],
    [{}],
  ])('gives the input of %j without its hash', (item) => {
    expect(inputOf(item, SETTINGS)).toEqual(contentOf(item, SETTINGS).input);
  });

  it('writes to a line of a file what it writes to an item', () => {
    const labels = [
      { label: 'x', score: 0.123456789 },
      { label: 'y', score: 0.1 },
    ];
    const answer = { labels, listed: labels, by: 'small@1', truncated: true } as const;
    expect(fieldsOf(answer)).toEqual({
      label: 'x',
      score: 0.1234568,
      by: 'small@1',
      truncated: true,
      list: [
        { label: 'x', score: 0.1234568 },
        { label: 'y', score: 0.1 },
      ],
    });
    expect(attributesOf(answer, 'label')).toContainEqual({ name: 'label_score', value: { N: '0.1234568' } });
    expect(fields.map(({ name }) => name)).toEqual(Object.keys(fieldsOf(answer)));
    expect(fieldsOf({ labels: [] })).toEqual({});
  });

  it('says no hash at a glance of what is no text', () => {
    expect(hashAtAGlance({ text: { N: '1' } }, SETTINGS)).toBeUndefined();
    expect(hashAtAGlance({}, SETTINGS)).toBeUndefined();
  });

  it('reads one row of scores, and says where the text was cut off', () => {
    const labels = ['no', 'yes'];
    const row = Float32Array.of(0.25, 0.75);
    expect(readLabels(row, { labels }, { truncated: false })).toEqual({
      labels: [{ label: 'yes', score: 0.75 }],
    });
    expect(readLabels(row, { labels }, { truncated: true })).toMatchObject({ truncated: true });
    expect(readLabels(Float32Array.of(Number.NaN), { labels }, { truncated: true })).toMatchObject({
      error: { code: 'bad-score' },
    });
  });

  it('writes scores that DynamoDB can hold', () => {
    const labels = [1, 0.5, 1e-129, 1e-131, 5e-324, -2.5].map((score) => ({ label: 'x', score }));
    const [, , list] = attributesOf({ labels, listed: labels }, 'label');
    expect(list?.value).toEqual({
      L: ['1', '0.5', '1e-129', '0', '0', '-2.5'].map((N) => ({ M: { label: { S: 'x' }, score: { N } } })),
    });
  });

  it('writes the label first, as attributes and as JSON', () => {
    const label = { label: 'yes', score: 0.123456789 };
    const answer = { labels: [label], listed: [label], truncated: true, by: 'small@1' } as const;
    const attributes = attributesOf(answer, 'intent').map(({ name, value }) => [name, valueToWire(value)]);
    const listed = { L: [{ M: { label: { S: 'yes' }, score: { N: '0.1234568' } } }] };
    expect(attributes).toEqual(
      Object.entries(
        toWire({
          intent: { S: 'yes' },
          intent_score: { N: '0.1234568' },
          intent_by: { S: 'small@1' },
          intent_truncated: { BOOL: true },
          intent_list: listed,
        }),
      ),
    );
    expect(jsonOf(answer)).toEqual(label);
    expect(attributesOf({ labels: [] }, 'intent')).toEqual([]);
  });
});
