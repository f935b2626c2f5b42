import fc from 'fast-check';
import type { Item } from '../../src/stores/dynamodb/batch-write.ts';
import { memoryDynamoDb } from '../../src/tools/chaos/histories/memory-dynamodb.ts';
import { type ItemWrite, memoryTable } from '../../src/tools/chaos/histories/memory-table.ts';
import { changeData } from '../../src/tools/chaos/histories/history.ts';
import { modelRegistry } from '../../src/models/catalogue/registry.ts';
import { labelBatch } from '../../src/pipeline/label-batch.ts';
import { partiqlLabels } from '../../src/stores/partiql.ts';
import { updateItemLabels } from '../../src/stores/update-item.ts';
import { memoryClient } from '../../src/tools/chaos/histories/memory-client.ts';
import { fakeFolders, fakeLoader } from '../support/fake-models.ts';
import { memoryRejects, NO_DEADLINE, SETTINGS } from '../support/fakes.ts';
import { streamRecords } from '../support/records.ts';

interface Stage {
  readonly catalogue: readonly string[];
  readonly defaultModel: string;
  readonly unknownModel: 'reject' | 'default';
  readonly store: 'update-item' | 'partiql';
}

type Step =
  | { readonly kind: 'put'; readonly text: string; readonly route: string | undefined }
  | { readonly kind: 'touch' }
  | { readonly kind: 'unlabel' };

/** Two stages of the service read one stream and label one item. */
const play = async (stages: readonly Stage[], steps: readonly Step[], turns: readonly number[]) => {
  const records: string[] = [];
  const onChange = (write: ItemWrite): void => {
    const data = changeData(write, SETTINGS.table, 1.7e15 + records.length * 1_001);
    records.push(Buffer.from(data).toString('base64'));
  };
  const table = memoryTable(['id'], onChange);
  const client = memoryClient(memoryDynamoDb({ [SETTINGS.table]: table }));
  const functions = stages.map(({ catalogue, defaultModel, unknownModel, store }) => {
    const loader = fakeLoader();
    const folders = fakeFolders(
      catalogue.map((id) => {
        const [name = '', version = ''] = id.split('@');
        return { name, version, attribute: name === 'tone' ? 'tone' : 'label' };
      }),
    );
    const models = modelRegistry(folders, {
      defaultModels: [defaultModel],
      unknownModel,
      sizeOf: () => 1,
      load: loader.load,
    });
    const storeOf = store === 'partiql' ? partiqlLabels : updateItemLabels;
    const labels = storeOf(client, { table: SETTINGS.table });
    const run = (batch: readonly string[]) =>
      labelBatch(
        streamRecords(batch),
        { models, labels, rejects: memoryRejects(), settings: SETTINGS },
        NO_DEADLINE,
      );
    return { run, next: 0 };
  });

  const item = (): Item => table.items()[0] ?? { id: { S: 'a' } };
  const happen = (step: Step): void => {
    if (step.kind === 'put')
      table.put({
        id: { S: 'a' },
        text: { S: step.text },
        ...(step.route !== undefined && { model_type: { S: step.route } }),
      });
    else if (step.kind === 'touch') table.put({ ...item(), touched: { N: String(records.length) } });
    else table.put(Object.fromEntries(Object.entries(item()).filter(([name]) => name !== 'label')));
  };

  let turn = 0;
  const rest = [...steps];
  for (;;) {
    const lagging = functions.filter(({ next }) => next < records.length);
    if (rest.length === 0 && lagging.length === 0) return { item: item(), records: records.length };
    if (records.length > 400) throw new Error('the stages write over each other for ever');
    const choice = turns[turn % turns.length] ?? 0;
    turn += 1;
    const step = lagging.length === 0 || choice === 0 ? rest.shift() : undefined;
    if (step !== undefined) {
      happen(step);
      continue;
    }
    const one = lagging[choice % lagging.length];
    if (one === undefined) continue;
    const batch = records.slice(one.next, one.next + 1 + (choice % 3));
    await one.run(batch);
    // Delivery is at least once.
    if (choice === 5) await one.run(batch);
    one.next += batch.length;
  }
};

const MODELS = ['m@1', 'm@2', 'm@10', 'n@1', 'd@1', 'tone@1'];

const stage: fc.Arbitrary<Stage> = fc
  .record({
    catalogue: fc.subarray(MODELS, { minLength: 1 }),
    pick: fc.nat(),
    unknownModel: fc.constantFrom('reject' as const, 'default' as const),
    store: fc.constantFrom('update-item' as const, 'partiql' as const),
  })
  .map(({ catalogue, pick, ...other }) => ({
    ...other,
    catalogue,
    defaultModel: catalogue[pick % catalogue.length] ?? '',
  }));

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      text: fc.constantFrom('one', 'two'),
      route: fc.constantFrom(undefined, 'm', 'n', 'm@1', 'm@2', 'x', 'tone'),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'touch' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'unlabel' as const }) },
);

const turns = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 30 });

describe('two stages on one stream', () => {
  it('come to rest, whatever models they have and whatever the item names', async () => {
    const property = fc.asyncProperty(
      fc.tuple(stage, stage),
      fc.array(step, { minLength: 1, maxLength: 6 }),
      turns,
      async (stages, steps, order) => {
        const { records } = await play(stages, steps, order);
        // Each change is followed by a few labels at most.
        expect(records).toBeLessThanOrEqual(6 * steps.length);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  it('end with the label of the newer version, where the item names the model', async () => {
    const both = (catalogue: readonly string[]): Stage => ({
      catalogue,
      defaultModel: catalogue[0] ?? '',
      unknownModel: 'reject',
      store: 'update-item',
    });
    const stages = [both(['m@2']), both(['m@2', 'm@10'])];
    const steps: readonly Step[] = [{ kind: 'put', text: 'one', route: 'm' }, { kind: 'touch' }];
    await fc.assert(
      fc.asyncProperty(turns, fc.boolean(), async (order, swapped) => {
        const { item } = await play(swapped ? stages.toReversed() : stages, steps, order);
        expect(item).toMatchObject({ label_model: { S: 'm@10' } });
      }),
    );
  });

  it('end with the label of the model that the item names, before that of a default model', async () => {
    const knows: Stage = {
      catalogue: ['n@1'],
      defaultModel: 'n@1',
      unknownModel: 'default',
      store: 'partiql',
    };
    const lacks: Stage = { ...knows, catalogue: ['z@9'], defaultModel: 'z@9' };
    await fc.assert(
      fc.asyncProperty(turns, fc.boolean(), async (order, swapped) => {
        const steps: readonly Step[] = [{ kind: 'put', text: 'one', route: 'n' }, { kind: 'touch' }];
        const { item } = await play(swapped ? [knows, lacks] : [lacks, knows], steps, order);
        expect(item).toMatchObject({ label_model: { S: 'n@1' } });
      }),
    );
  });
});
