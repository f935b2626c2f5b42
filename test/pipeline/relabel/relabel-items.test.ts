import fc from 'fast-check';
import { TransientError } from '../../../src/errors.ts';
import { fromWire } from '../../../src/stores/dynamodb/wire-format.ts';
import type { LabelStore } from '../../../src/pipeline/destinations.ts';
import { ENDS, STATES } from '../../../src/pipeline/relabel/counts.ts';
import { onlyModel } from '../../../src/pipeline/relabel/only-model.ts';
import { relabelItems, type RelabelParts } from '../../../src/pipeline/relabel/relabel-items.ts';
import { WHERE } from '../../../src/pipeline/relabel/survey.ts';
import type { Item } from '../../../src/stores/dynamodb/batch-write.ts';
import { partiqlLabels } from '../../../src/stores/partiql.ts';
import { updateItemLabels } from '../../../src/stores/update-item.ts';
import { contentHash, sha256 } from '../../../src/tasks/content-hash.ts';
import type { Model } from '../../../src/tasks/model.ts';
import { memoryClient } from '../../../src/tools/chaos/histories/memory-client.ts';
import { memoryDynamoDb } from '../../../src/tools/chaos/histories/memory-dynamodb.ts';
import { memoryTable } from '../../../src/tools/chaos/histories/memory-table.ts';
import {
  NEWER,
  OLDER,
  READER,
  RIVAL,
  TONE,
  TOY,
  toyLabel,
  toyModels,
  toyText,
} from '../../../src/tools/chaos/histories/toy-models.ts';
import { memoryLabels, SETTINGS } from '../../support/fakes.ts';

const labelled = (text: string, model: Model, of = text): Item => ({
  text: { S: text },
  label: { S: toyLabel(of, model) },
  label_model: { S: model.id },
  label_hash: { S: sha256(of) },
});

const parts = (labels: LabelStore, other: Partial<RelabelParts> = {}): RelabelParts => ({
  models: onlyModel(toyModels(), NEWER),
  labels,
  settings: SETTINGS,
  where: 'all',
  chunkSize: 2,
  ...other,
});

/** A table in memory with these items, by id. */
const tableOf = (items: Readonly<Record<string, Item>>) => {
  const documents = memoryTable(['id']);
  for (const [id, item] of Object.entries(items)) documents.put({ id: { S: id }, ...item });
  const client = memoryClient(memoryDynamoDb({ documents }));
  const item = (id: string) => documents.items().find((one) => one.id?.S === id);
  return { documents, client, read: () => documents.items().map(fromWire), item };
};

describe.each([
  ['update-item', updateItemLabels],
  ['partiql', partiqlLabels],
])('relabelItems on %s', (_, labelsOn) => {
  const open = (items: Readonly<Record<string, Item>>) => {
    const table = tableOf(items);
    return { ...table, labels: labelsOn(table.client, { table: 'documents' }) };
  };
  const everyKind: Readonly<Record<string, Item>> = {
    old: labelled('a', TOY),
    ofOtherName: labelled('a', RIVAL),
    edited: labelled('b', NEWER, 'a'),
    none: { text: { S: 'c' } },
    named: { ...labelled('a', OLDER), model_type: { S: 'toy' } },
    current: labelled('d', NEWER),
    withoutText: { other: { S: 'e' } },
    textGone: { label: { S: 'x' }, label_model: { S: TOY.id }, label_hash: { S: sha256('f') } },
    ofTone: { text: { S: 'g' }, model_type: { S: 'tone' } },
    pinned: { ...labelled('a', OLDER), model_type: { S: 'toy@0' } },
    ofNobody: { text: { S: 'h' }, model_type: { S: 'nobody' } },
    badRoute: { text: { S: 'i' }, model_type: { N: '1' } },
    noString: { text: { N: '5' } },
  };

  it('labels what is stale or missing, and leaves the rest alone', async () => {
    const { labels, read, item } = open(everyKind);
    const before = Object.fromEntries(Object.keys(everyKind).map((id) => [id, item(id)]));
    const { counts, faults } = await relabelItems(read(), parts(labels));
    expect(counts).toEqual({
      ...{ examined: 13, current: 1, noText: 1, otherModel: 3, invalid: 1, stale: 5, missing: 2 },
      ...{ chosen: 7, labelled: 5, cleared: 1, rejected: 1, unchanged: 0, superseded: 0, failed: 0 },
    });
    for (const [id, text] of Object.entries({
      old: 'a',
      ofOtherName: 'a',
      edited: 'b',
      none: 'c',
      named: 'a',
    }))
      expect(item(id)).toMatchObject({ label: { S: toyLabel(text, NEWER) }, label_model: { S: NEWER.id } });
    expect(item('textGone')).toEqual({ id: { S: 'textGone' } });
    expect(item('noString')).toMatchObject({ label_error: { S: 'bad-text' }, label_model: { S: NEWER.id } });
    for (const id of ['current', 'withoutText', 'ofTone', 'pinned', 'ofNobody', 'badRoute'])
      expect(item(id)).toEqual(before[id]);
    expect(faults.map(({ item: name }) => name)).toEqual([
      'documents{"id":{"S":"badRoute"}}',
      'documents{"id":{"S":"noString"}}',
    ]);
  });

  it('answers questions anew, and leaves texts alone', async () => {
    const asks = { question: { S: 'Who?' }, context: { S: 'Ada did.' }, model_type: { S: 'reader' } };
    const hash = { S: contentHash('Who?', 'Ada did.') };
    const { labels, read, item } = open({
      none: asks,
      former: { ...asks, answer: { S: 'x' }, answer_model: { S: 'reader@0' }, answer_hash: hash },
      gone: {
        context: asks.context,
        model_type: asks.model_type,
        answer: { S: 'x' },
        answer_start: { N: '1' },
      },
      text: { text: { S: 'a' }, model_type: { S: 'toy' } },
      mixed: { ...asks, text: { S: 'a' }, model_type: { S: 'toy,reader' } },
    });
    const models = onlyModel(toyModels(), READER);
    const { counts } = await relabelItems(read(), parts(labels, { models }));
    expect(counts).toMatchObject({
      ...{ examined: 5, otherModel: 1, invalid: 1, stale: 2, missing: 1 },
      ...{ labelled: 2, cleared: 1, failed: 0 },
    });
    const answer = { S: toyLabel(toyText('Who?', 'Ada did.'), READER) };
    for (const id of ['none', 'former'])
      expect(item(id)).toMatchObject({ answer, answer_model: { S: READER.id }, answer_start: { N: '8' } });
    expect(Object.keys(item('gone') ?? {}).toSorted()).toEqual(['context', 'id', 'model_type']);
    const again = await relabelItems(read(), parts(labels, { models }));
    expect(again.counts).toMatchObject({ chosen: 0, current: 2, noText: 1 });
  });

  it('finds nothing to do a second time', async () => {
    const { labels, read } = open(everyKind);
    await relabelItems(read(), parts(labels));
    const { counts } = await relabelItems(read(), parts(labels));
    expect(counts).toMatchObject({ chosen: 0, stale: 0, missing: 0, current: 7 });
  });

  it.each([
    ['stale', { chosen: 5, stale: 5, missing: 2 }],
    ['missing', { chosen: 2, stale: 5, missing: 2 }],
  ] as const)('chooses what is %s', async (where, expected) => {
    const { labels, read, item } = open(everyKind);
    expect((await relabelItems(read(), parts(labels, { where }))).counts).toMatchObject(expected);
    expect(item('none')?.label === undefined).toBe(where === 'stale');
    expect(item('old')?.label_model).toEqual({ S: where === 'stale' ? NEWER.id : TOY.id });
  });

  it('overwrites no label and no text that came since the items were read, and brings none back', async () => {
    const { labels, read, item, documents } = open({
      relabelled: labelled('a', OLDER),
      edited: labelled('a', OLDER),
      deleted: labelled('a', OLDER),
      rerouted: labelled('a', OLDER),
      labelledSince: { text: { S: 'a' } },
      doneSince: labelled('a', OLDER),
    });
    const items = read();
    const put = (id: string, other: Item) => documents.put({ id: { S: id }, ...other });
    put('relabelled', labelled('a', TOY));
    put('edited', labelled('b', OLDER, 'a'));
    documents.delete({ id: { S: 'deleted' } });
    put('rerouted', { ...labelled('a', OLDER), model_type: { S: 'tone' } });
    put('labelledSince', labelled('a', TOY));
    put('doneSince', labelled('a', NEWER));
    const before = documents.items();
    const { counts } = await relabelItems(items, parts(labels));
    expect(counts).toMatchObject({ chosen: 6, superseded: 5, unchanged: 1, labelled: 0, failed: 0 });
    expect(documents.items()).toEqual(before);
    expect(item('deleted')).toBeUndefined();
  });
});

describe('relabelItems', () => {
  const items = [1, 2, 3, 4, 5].map((id) => ({ id: { S: `${id}` }, text: { S: `text ${id}` } }));

  it('tries again what failed, and counts what never succeeds', async () => {
    const error = new TransientError('throttled');
    const tries = new Map<string, number>();
    const labels = memoryLabels(({ document: { item } }) => {
      const id = String(item.keys.id?.S);
      tries.set(id, (tries.get(id) ?? 0) + 1);
      return id === '5' || (id === '2' && tries.get(id) === 1) ? { kind: 'failed', error } : undefined;
    });
    const { counts, faults } = await relabelItems(items, parts(labels));
    expect(counts).toMatchObject({ examined: 5, chosen: 5, labelled: 4, failed: 1 });
    expect(faults).toEqual([{ item: 'documents{"id":{"S":"5"}}', error }]);
    expect(Object.fromEntries(tries)).toEqual({ 1: 1, 2: 2, 3: 1, 4: 1, 5: 3 });
  });

  it('does not repeat what an operator has to mend', async () => {
    const error = new TransientError('no such table', { isLasting: true });
    const labels = memoryLabels(() => ({ kind: 'failed', error }));
    expect((await relabelItems(items, parts(labels))).counts).toMatchObject({ failed: 5 });
    expect(labels.writes).toHaveLength(5);
  });

  it('looks where labels are not on the items', async () => {
    const labels = memoryLabels();
    const areLabelled: RelabelParts['areLabelled'] = async (documents) =>
      documents.map(({ item }) => item.keys.id?.S === '3');
    const settings = { ...SETTINGS, labelsElsewhere: true };
    const { counts } = await relabelItems(items, parts(labels, { settings, areLabelled }));
    expect(counts).toMatchObject({ current: 1, missing: 4, labelled: 4 });
    expect(labels.writes.every(({ document }) => document.seen === undefined)).toBe(true);
  });

  it('accounts for every item, whatever it holds', async () => {
    const value = fc.constantFrom({ S: 'a' }, { S: '' }, { N: '5' }, { NULL: true }, { S: 'toy' }, { L: [] });
    const item = fc.record(
      {
        text: value,
        model_type: fc.oneof(value, fc.constantFrom({ S: 'tone' }, { S: 'rival,toy' }, { SS: ['toy', 'x'] })),
        label: value,
        label_model: fc.constantFrom(...[OLDER, TOY, NEWER, TONE].map(({ id }) => ({ S: id }))),
        label_hash: fc.constantFrom({ S: sha256('a') }, { S: 'x' }),
        label_error: fc.constantFrom({ S: 'bad-text' }, { S: 'bad-score' }),
      },
      { requiredKeys: [] },
    );
    const property = fc.asyncProperty(fc.array(item), fc.constantFrom(...WHERE), async (held, where) => {
      const { client, read } = tableOf(Object.fromEntries(held.entries()) as Record<string, Item>);
      const labels = updateItemLabels(client, { table: 'documents' });
      const { counts, faults } = await relabelItems(read(), parts(labels, { where }));
      const total = (keys: readonly (keyof typeof counts)[]) =>
        keys.reduce((sum, key) => sum + counts[key], 0);
      expect(total(STATES)).toBe(held.length);
      expect(counts.examined).toBe(held.length);
      expect(total(ENDS)).toBe(counts.chosen);
      expect(counts.failed + counts.superseded + counts.unchanged).toBe(0);
      expect(faults).toHaveLength(counts.invalid + counts.rejected);
      const again = await relabelItems(read(), parts(labels, { where }));
      expect(again.counts.chosen).toBe(0);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
