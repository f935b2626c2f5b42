import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeMap, AttributeValue } from '../../src/dynamodb-json/attributes.ts';
import { heldRoute } from '../../src/pipeline/items/route.ts';
import type { LabelStore } from '../../src/pipeline/destinations.ts';
import { toWire } from '../../src/stores/dynamodb/wire-format.ts';
import { labelWrite } from '../support/documents.ts';
import type { TestDynamoDb } from '../support/dynamodb.ts';

interface Subject {
  /** What a failed condition is called: not every DynamoDB gives the item as it is. */
  readonly again: 'unchanged' | 'superseded';
  readonly dynamodb: TestDynamoDb;
  labelsOn(client: TestDynamoDb['client'], options: { readonly table: string }): LabelStore;
}

const ROUTES: readonly (readonly [string, AttributeValue | undefined])[] = [
  ['no attribute', undefined],
  ['NULL', { NULL: true }],
  ['a string', { S: 'toy' }],
  ['an empty string', { S: '' }],
  ['a string set', { SS: ['toy', 'tone'] }],
  ['a list', { L: [{ S: 'toy' }, { S: 'tone' }] }],
];

/** What a store must do that labels items which choose their models by an attribute. */
export const describeRoutedItems = (name: string, subject: () => Subject): void => {
  describe(`${name} on items that choose their models`, () => {
    const open = async (route: AttributeValue | undefined) => {
      const { dynamodb, labelsOn } = subject();
      const table = await dynamodb.createTable('id');
      const put = async (model_type: AttributeValue | undefined): Promise<void> => {
        const item: AttributeMap = {
          id: { S: 'a' },
          text: { S: 'hello' },
          ...(model_type && { model_type }),
        };
        await dynamodb.client.send(new PutItemCommand({ TableName: table, Item: toWire(item) }));
      };
      await put(route);
      const store = labelsOn(dynamodb.client, { table });
      const label = async (value: AttributeValue | undefined, text = 'hello') => {
        const { document, labels } = labelWrite('a', text, 'x');
        const holds = [...heldRoute('model_type', value), ...document.holds];
        return (await store.put([{ document: { ...document, holds }, labels }]))[0]?.kind;
      };
      return { label, put, items: () => dynamodb.items(table) };
    };

    it.each(ROUTES)('writes once while the item chooses by %s', async (_, route) => {
      const { label } = await open(route);
      expect([await label(route), await label(route)]).toEqual(['labelled', subject().again]);
      expect(await label(route, 'an older text')).toBe('superseded');
    });

    it.each(ROUTES)('leaves an item alone that chose by %s before', async (_, route) => {
      for (const [, now] of ROUTES.filter(([, other]) => other !== route)) {
        const { label, items } = await open(now);
        expect(await label(route)).toBe('superseded');
        expect(await items()).toEqual([expect.not.objectContaining({ label: 'x' })]);
      }
    });

    it('does not mind the order within a set', async () => {
      const { label } = await open({ SS: ['tone', 'toy'] });
      const other = { SS: ['toy', 'tone'] };
      expect([await label(other), await label(other)]).toEqual(['labelled', subject().again]);
    });
  });
};
