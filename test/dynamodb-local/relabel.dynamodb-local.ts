import { fromWire } from '../../src/stores/dynamodb/wire-format.ts';
import { onlyModel } from '../../src/pipeline/relabel/only-model.ts';
import { NOTHING, sumOf } from '../../src/pipeline/relabel/counts.ts';
import { relabelItems } from '../../src/pipeline/relabel/relabel-items.ts';
import { batchWriter, type Item } from '../../src/stores/dynamodb/batch-write.ts';
import { partiqlLabels } from '../../src/stores/partiql.ts';
import { updateItemLabels } from '../../src/stores/update-item.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import { textClassification } from '../../src/tasks/text-classification.ts';
import { NEWER, OLDER, toyLabel, toyModels } from '../../src/tools/chaos/histories/toy-models.ts';
import type { Page } from '../../src/pipeline/relabel/source.ts';
import { tableScan } from '../../src/stores/dynamodb/table-scan.ts';
import { chunks } from '../../src/tools/chunks.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { SETTINGS } from '../support/fakes.ts';

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.stop());

const COUNT = 1_500;
const { signal } = new AbortController();

describe.each([
  ['partiql', partiqlLabels],
  ['update-item', updateItemLabels],
])('a relabel with %s', (_, labelsOn) => {
  it('labels every item, segment by segment, and goes on from any page', async () => {
    const { name: table } = await dynamodb.create({ keys: ['id', { name: 'sort', type: 'B' }] });
    const write = batchWriter(dynamodb.client, { table, keys: ['id', 'sort'] });
    const items = Array.from({ length: COUNT }, (__, index): Item => {
      const text = `text ${index}`;
      const former = { label: { S: 'x' }, label_model: { S: OLDER.id }, label_hash: { S: sha256(text) } };
      const key = { id: { S: `item-${index % 50}` }, sort: { B: Buffer.from([index >> 8, index & 255]) } };
      return { ...key, text: { S: text }, big: { S: 'x'.repeat(500) }, ...(index % 3 > 0 && former) };
    });
    for (const chunk of chunks(items, 500)) await write(chunk);
    const attributes = [
      'id',
      'sort',
      'text',
      'model_type',
      'label',
      'label_model',
      'label_hash',
      'label_error',
    ];
    const scan = tableScan(dynamodb.client, { table, segments: 3, attributes, pageSize: 100 });
    const parts = {
      models: onlyModel(toyModels(), NEWER),
      labels: labelsOn(dynamodb.client, { task: textClassification, table }),
      settings: { ...SETTINGS, table, keyAttributes: ['id', 'sort'] },
      ...{ where: 'all' as const, chunkSize: 50 },
    };
    let counts = NOTHING;
    for (const part of scan.parts) {
      const begun = scan.pages(part, undefined, signal)[Symbol.asyncIterator]();
      const { value: first } = (await begun.next()) as { readonly value?: Page };
      if (first === undefined) continue;
      // As if the process had ended after this page: the rest is read by another scan.
      expect(first.items.every((item) => item.big === undefined)).toBe(true);
      counts = sumOf(counts, (await relabelItems(first.items, parts)).counts);
      for await (const { items: page } of scan.pages(part, JSON.parse(JSON.stringify(first.next)), signal))
        counts = sumOf(counts, (await relabelItems(page, parts)).counts);
    }
    expect(counts).toMatchObject({
      ...{ examined: COUNT, missing: COUNT / 3, stale: (COUNT * 2) / 3 },
      ...{ chosen: COUNT, labelled: COUNT },
    });
    const found = await dynamodb.items(table);
    for (const { text, label, label_model: model, big } of found)
      expect([label, model, big]).toEqual([toyLabel(String(text), NEWER), NEWER.id, 'x'.repeat(500)]);
    const again = await relabelItems(items.map(fromWire), parts);
    expect(again.counts).toMatchObject({ labelled: 0, unchanged: COUNT });
  }, 60_000);
});
