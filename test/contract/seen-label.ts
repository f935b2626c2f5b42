import type { LabelStore } from '../../src/pipeline/destinations.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import { NEWER, OLDER } from '../../src/tools/chaos/histories/toy-models.ts';
import type { Model } from '../../src/tasks/model.ts';
import { labelWrite, MODEL } from '../support/documents.ts';
import type { TestDynamoDb } from '../support/dynamodb.ts';

interface Subject {
  readonly dynamodb: TestDynamoDb;
  labelsOn(client: TestDynamoDb['client'], options: { readonly table: string }): LabelStore;
  /** The embedded DynamoDB does not give the item of a condition that failed: what is done already looks superseded. */
  readonly again: 'unchanged' | 'superseded';
}

type Bearing = Readonly<Record<'label' | 'label_model' | 'label_hash', string>>;

const bearing = (text: string, { id }: Model, label = 'x'): Bearing => ({
  label,
  label_model: id,
  label_hash: sha256(text),
});

/** A write on condition that the item still bears what was seen: nothing, or this label. */
const writeOver = (seen: Partial<Bearing>, text = 'hello') => {
  const { document, labels } = labelWrite('a', text, 'new', NEWER);
  const held = (['label', 'label_model', 'label_hash'] as const).map((name) => {
    const { [name]: S } = seen;
    return { path: [name], value: S === undefined ? undefined : { S } };
  });
  return { document: { ...document, seen: held }, labels };
};

/** What a store must do that labels the items themselves, where a label must not replace one that came since. */
export const describeSeenLabel = (name: string, subject: () => Subject): void => {
  describe(`${name} over a label that was seen`, () => {
    const outcomeOn = async (item: object | undefined, write: ReturnType<typeof writeOver>) => {
      const { dynamodb, labelsOn } = subject();
      const table = await dynamodb.createTable('id');
      if (item !== undefined) await dynamodb.put(table, { id: 'a', text: 'hello', ...item });
      const store = labelsOn(dynamodb.client, { table });
      const [result] = await store.put([write]);
      const [after] = await dynamodb.items(table);
      return [result?.kind, after?.label_model] as const;
    };
    const old = bearing('hello', OLDER);

    it('replaces it where the item bears it still', async () => {
      expect(await outcomeOn(old, writeOver(old))).toEqual(['labelled', NEWER.id]);
      const ofOtherText = bearing('another text', NEWER);
      expect(await outcomeOn(ofOtherText, writeOver(ofOtherText))).toEqual(['labelled', NEWER.id]);
    });

    it('writes where there was none, and is none', async () => {
      expect(await outcomeOn({}, writeOver({}))).toEqual(['labelled', NEWER.id]);
    });

    it.each<[string, object, Partial<Bearing>]>([
      ['where there was none', bearing('hello', MODEL), {}],
      ['of another model', bearing('hello', MODEL), old],
      ['of another text', old, bearing('another text', OLDER)],
      ['that was asked for anew', old, { label_model: old.label_model, label_hash: old.label_hash }],
    ])('leaves alone a label that came since: %s', async (_, item, seen) => {
      const [kind, model] = await outcomeOn(item, writeOver(seen));
      expect([kind, model]).toEqual(['superseded', (item as Bearing).label_model]);
    });

    it('does nothing where the write was made before', async () => {
      const done = bearing('hello', NEWER, 'new');
      expect(await outcomeOn(done, writeOver(old))).toEqual([subject().again, NEWER.id]);
    });

    it('brings no deleted item back, and leaves alone another text', async () => {
      expect(await outcomeOn(undefined, writeOver({}))).toEqual(['superseded', undefined]);
      expect(await outcomeOn({ text: 'edited', ...old }, writeOver(old))).toEqual(['superseded', OLDER.id]);
    });
  });
};
