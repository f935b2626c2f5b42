import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PermanentError } from '../../src/errors.ts';
import type { AttributeMap } from '../../src/dynamodb-json/attributes.ts';
import type { LabelStore, LabelWrite } from '../../src/pipeline/destinations.ts';
import type { Held } from '../../src/tasks/item-text.ts';
import { toWire } from '../../src/stores/dynamodb/wire-format.ts';
import { answer, document, labelsWrite, labelWrite, MODEL } from '../support/documents.ts';
import { TONE } from '../../src/tools/chaos/histories/toy-models.ts';
import type { TestDynamoDb } from '../support/dynamodb.ts';

interface Subject {
  readonly dynamodb: TestDynamoDb;
  labelsOn(client: TestDynamoDb['client'], options: { readonly table: string }): LabelStore;
}

const NO_TEXT: readonly Held[] = [
  { path: ['model_type'], value: undefined },
  { path: ['text'], value: undefined },
  { path: ['message', 'body'], value: undefined },
];

/** What is written where an item has no text any more. */
const clearing = (id: string, holds = NO_TEXT): LabelWrite => ({
  document: { ...document(id, ''), input: undefined, hash: '', holds },
  labels: [{ model: MODEL, answer: undefined }],
});

/** What is written where no model takes what is in place of the text. */
const refusal = (
  id: string,
  held: AttributeMap[string],
  code: 'bad-text' | 'bad-score' = 'bad-text',
): LabelWrite => {
  const error = new PermanentError(code, 'no');
  return {
    document: { ...document(id, ''), input: error, hash: 'hash', holds: [{ path: ['text'], value: held }] },
    labels: [{ model: MODEL, answer: { error } }],
  };
};

/** What a store must do that labels the items themselves, where there is no label to be given. */
export const describeItemsWithoutLabel = (name: string, subject: () => Subject): void => {
  describe(`${name} on items that get no label`, () => {
    const open = async (item: AttributeMap = {}) => {
      const { dynamodb, labelsOn } = subject();
      const table = await dynamodb.createTable('id');
      const put = async (other: AttributeMap): Promise<void> => {
        const Item = toWire({ id: { S: 'a' }, ...other });
        await dynamodb.client.send(new PutItemCommand({ TableName: table, Item }));
      };
      await put(item);
      const store = labelsOn(dynamodb.client, { table });
      return {
        put,
        write: async (write: LabelWrite) => (await store.put([write]))[0]?.kind,
        items: () => dynamodb.items(table),
      };
    };

    it('takes the label of a text that is gone, and no other', async () => {
      const { put, write, items } = await open({ text: { S: 'hello' } });
      await write(
        labelsWrite('a', 'hello', [
          [MODEL, answer('x', { by: 'small@1', truncated: true, listed: [{ label: 'x', score: 0.5 }] })],
          [TONE, answer('calm')],
        ]),
      );
      const [labelled] = await items();
      expect(labelled).toMatchObject({ label: 'x', tone: 'calm' });
      const { text: _, label_list: __, ...rest } = labelled ?? {};
      await put(
        Object.fromEntries(
          Object.entries(rest).map(([key, value]) => [
            key,
            typeof value === 'number'
              ? { N: String(value) }
              : typeof value === 'boolean'
                ? { BOOL: value }
                : { S: value },
          ]),
        ),
      );
      expect(await write(clearing('a'))).toBe('labelled');
      const [cleared] = await items();
      expect(Object.keys(cleared ?? {}).toSorted()).toEqual([
        'id',
        'tone',
        'tone_hash',
        'tone_model',
        'tone_score',
      ]);
    });

    it('leaves the label alone where the text is back, or another is in its place', async () => {
      const { put, write, items } = await open({ text: { S: 'hello' } });
      await write(labelWrite('a', 'hello', 'x'));
      expect(await write(clearing('a'))).toBe('superseded');
      expect(await items()).toMatchObject([{ label: 'x' }]);
      await put({ message: { M: { body: { S: 'hello' } } }, label: { S: 'x' } });
      expect(await write(clearing('a'))).toBe('superseded');
      expect(await items()).toMatchObject([{ label: 'x' }]);
    });

    it('takes it where NULL is in place of the text, while it is', async () => {
      const { put, write, items } = await open({ text: { NULL: true }, label: { S: 'x' } });
      const holds = [{ path: ['text'], value: { NULL: true } }];
      expect(await write(clearing('a', holds))).toBe('labelled');
      expect(await items()).not.toContainEqual(expect.objectContaining({ label: 'x' }));
      await put({ label: { S: 'x' } });
      expect(await write(clearing('a', holds))).toBe('superseded');
    });

    it('never makes an item of one that is gone', async () => {
      const { write, items } = await open();
      expect(await write(clearing('b'))).toBe('superseded');
      expect(await items()).toHaveLength(1);
    });

    it.each<[string, AttributeMap[string]]>([
      ['a number', { N: '5' }],
      ['bytes', { B: 'AP8=' }],
      ['a set of bytes', { BS: ['AP8='] }],
      ['a map', { M: { a: { L: [{ B: 'AP8=' }, { BOOL: true }] } } }],
      ['an empty string', { S: '' }],
    ])('says in place of the label why there is none, while %s is in place of the text', async (_, held) => {
      const { put, write, items } = await open({ text: held, label: { S: 'old' }, label_score: { N: '1' } });
      expect(await write(refusal('a', held))).toBe('labelled');
      const [item] = await items();
      expect(item).toMatchObject({ label_error: 'bad-text', label_model: MODEL.id, label_hash: 'hash' });
      expect(item).not.toHaveProperty('label');
      expect(item).not.toHaveProperty('label_score');
      expect(['unchanged', 'superseded']).toContain(await write(refusal('a', held)));
      await put({ text: { S: 'hello' } });
      expect(await write(refusal('a', held))).toBe('superseded');
    });

    it('writes a label over an error, and an error over a label', async () => {
      const { write, items } = await open({ text: { S: 'hello' } });
      await write(refusal('a', { S: 'hello' }));
      expect(await write(labelWrite('a', 'hello', 'x'))).toBe('labelled');
      expect(await items()).toEqual([expect.not.objectContaining({ label_error: expect.anything() })]);
      expect(await write(refusal('a', { S: 'hello' }, 'bad-score'))).toBe('labelled');
      expect(await items()).toEqual([expect.not.objectContaining({ label: expect.anything() })]);
    });

    it.each([
      ['removed', {}],
      ['set to NULL', { label: { NULL: true } }],
      ['changed', { label: { S: 'another' } }],
    ])('writes a label again that somebody has %s, though its marks are there', async (_, changed) => {
      const { put, write, items } = await open({ text: { S: 'hello' } });
      await write(labelWrite('a', 'hello', 'x'));
      const [labelled] = await items();
      const marks = {
        label_model: { S: String(labelled?.label_model) },
        label_hash: { S: String(labelled?.label_hash) },
      };
      await put({ text: { S: 'hello' }, ...marks, ...changed });
      expect(await write(labelWrite('a', 'hello', 'x'))).toBe('labelled');
      expect(await items()).toMatchObject([{ label: 'x' }]);
    });

    it('rejects a write whose key has another attribute than the table’s, instead of calling it done', async () => {
      const { write, items } = await open({ text: { S: 'hello' } });
      const { document: held, labels } = labelWrite('a', 'hello', 'x');
      const item = { ...held.item, keys: { id: { S: 'a' }, other: { S: 'x' } } };
      expect(await write({ document: { ...held, item }, labels })).toBe('rejected');
      expect(await items()).toEqual([{ id: 'a', text: 'hello' }]);
    });
  });
};
