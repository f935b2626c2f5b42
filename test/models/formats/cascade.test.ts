import fc from 'fast-check';
import { ModelError } from '../../../src/errors.ts';
import type { LoadModel } from '../../../src/models/loaded-model.ts';
import { loadCascade } from '../../../src/models/formats/cascade.ts';
import { modelRegistry, type RegistryOptions } from '../../../src/models/catalogue/registry.ts';
import type { LabelPrediction } from '../../../src/tasks/label-scores.ts';
import type { TextInput } from '../../../src/tasks/text-classification.ts';
import { type FakeModel, fakeFolders, fakeLoader, refused } from '../../support/fake-models.ts';

const MB = 2 ** 20;

const registry = (
  models: readonly FakeModel[],
  say?: (id: string, text: TextInput) => LabelPrediction,
  options: Partial<RegistryOptions> = {},
) => {
  const loader = fakeLoader(say);
  const made = modelRegistry(fakeFolders(models), {
    defaultModels: [models[0]?.name ?? ''],
    load: withCascades(loader.load),
    sizeOf: ({ manifest }) => (manifest.format === 'cascade' ? 0 : MB),
    ...options,
  });
  return { ...loader, ...made };
};

const withCascades =
  (load: LoadModel): LoadModel =>
  (model, others) =>
    (model.manifest.format === 'cascade' ? loadCascade : load)(model, others);

const STAGES = [{ model: 'small', threshold: 0.5 }, { model: 'middle', threshold: 0.8 }, { model: 'large' }];
const models = [{ name: 'small' }, { name: 'middle' }, { name: 'large' }, { name: 'all', stages: STAGES }];

/** How sure each model is of a text is what the text says: `small 0.4, middle 0.9`; `no` for an error. */
const byText = (id: string, text: TextInput): LabelPrediction => {
  const name = id.split('@')[0] ?? '';
  const [, score = '0.1'] =
    new RegExp(`${name} (\\S+?)(,|$)`).exec(typeof text === 'string' ? text : '') ?? [];
  return score === 'no' ? refused() : { labels: [{ label: id, score: Number(score) }] };
};

describe('a cascade', () => {
  it('has each text answered by the first stage that is sure enough, and says which', async () => {
    const { load, asked } = registry(models, byText);
    const texts = ['small 0.9', 'small 0.4, middle 0.8', 'small 0.5', 'small 0.1, middle 0.79, large 0.2'];
    const cascade = await load('all@1');
    expect([cascade.id, cascade.attribute]).toEqual(['all@1', 'label']);
    expect(await cascade.classify(texts)).toEqual([
      { labels: [{ label: 'small@1', score: 0.9 }], by: 'small@1' },
      { labels: [{ label: 'middle@1', score: 0.8 }], by: 'middle@1' },
      { labels: [{ label: 'small@1', score: 0.5 }], by: 'small@1' },
      { labels: [{ label: 'large@1', score: 0.2 }], by: 'large@1' },
    ]);
    expect(asked.filter((one) => one.startsWith('middle'))).toHaveLength(2);
    expect(asked.filter((one) => one.startsWith('large'))).toEqual([`large@1 ${texts[3]}`]);
  });

  it('passes on what a stage cannot classify; what the last one says stands', async () => {
    const { load } = registry(models, byText);
    const cascade = await load('all@1');
    expect(await cascade.classify(['small no, middle 0.9', 'small no, middle no, large no'])).toEqual([
      { labels: [{ label: 'middle@1', score: 0.9 }], by: 'middle@1' },
      { error: expect.objectContaining({ code: 'inference-failed' }) },
    ]);
    expect(await cascade.classify([])).toEqual([]);
  });

  it('may be a stage itself: the model that spoke is the innermost', async () => {
    const nested = { name: 'outer', stages: [{ model: 'all', threshold: 0.6 }, { model: 'other' }] };
    const { load } = registry([...models, { name: 'other' }, nested], byText);
    const outer = await load('outer@1');
    expect(await outer.classify(['middle 0.9', 'large 0.5, other 0.3'])).toEqual([
      { labels: [{ label: 'middle@1', score: 0.9 }], by: 'middle@1' },
      { labels: [{ label: 'other@1', score: 0.3 }], by: 'other@1' },
    ]);
  });

  it('answers as the stage that should speak does, whatever the texts and thresholds', async () => {
    const score = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);
    const said = fc.oneof(
      { weight: 5, arbitrary: score },
      { weight: 1, arbitrary: fc.constant('no' as const) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(said, said, said), { maxLength: 20 }),
        fc.tuple(score, score),
        async (texts, [first, second]) => {
          const stages = [
            { model: 'small', threshold: first },
            { model: 'middle', threshold: second },
            { model: 'large' },
          ];
          const { load } = registry([...models.slice(0, 3), { name: 'all', stages }], byText);
          const inputs = texts.map(([s, m, l]) => `small ${s}, middle ${m}, large ${l}`);
          const speaker = ([s, m]: (typeof texts)[number]): string => {
            if (s !== 'no' && s >= first) return 'small@1';
            return m !== 'no' && m >= second ? 'middle@1' : 'large@1';
          };
          const expected = inputs.map((input, index) => {
            const by = speaker(texts[index] ?? ['no', 'no', 'no']);
            const answer = byText(by, input);
            return 'error' in answer ? { error: expect.anything() } : { ...answer, by };
          });
          expect(await (await load('all@1')).classify(inputs)).toEqual(expected);
        },
      ),
    );
  });

  it('loads a stage when it is first asked, all of them at first where it is a default model', async () => {
    const lazy = registry(models, byText);
    const cascade = await lazy.load('all@1');
    expect(lazy.loads).toEqual([]);
    await cascade.classify(['small 0.9']);
    expect(lazy.loads).toEqual(['small@1']);
    const eager = registry(models, byText, { defaultModels: ['all'] });
    await eager.preload();
    expect(eager.loads).toEqual(['small@1', 'middle@1', 'large@1']);
  });

  it('keeps its stages in memory while it asks them, and as a default model for good', async () => {
    const many = [{ name: 'first' }, ...models];
    const { load, released, loads } = registry(many, byText, { memoryMB: 2 });
    await load('first@1');
    const cascade = await load('all@1');
    // One of three fits beside the default model: none gives way to the next.
    await cascade.classify(['large 0.9']);
    expect(released).toEqual([]);
    await load('small@1');
    await cascade.classify(['small 0.9']);
    expect(loads.filter((id) => id === 'small@1')).toHaveLength(1);

    const kept = registry([...models, { name: 'other', attribute: 'other' }], byText, {
      defaultModels: ['all'],
      memoryMB: 1,
    });
    await kept.preload();
    await kept.load('other@1');
    expect(kept.released).toEqual([]);
  });

  it('tries again where a stage could not be loaded', async () => {
    const { load, failures } = registry(models, byText);
    failures.push(new ModelError('not yet'));
    const cascade = await load('all@1');
    await expect(cascade.classify(['small 0.9'])).rejects.toThrow('not yet');
    expect(await cascade.classify(['small 0.9'])).toEqual([expect.objectContaining({ by: 'small@1' })]);
  });

  it('does not take what a stage says where it says too little', async () => {
    const loader = async () => ({
      id: 'x@1',
      task: 'text-classification',
      attribute: 'label',
      classify: async () => [],
    });
    const { load } = registry(models, undefined, { load: withCascades(loader) });
    await expect((await load('all@1')).classify(['hello'])).rejects.toThrow(/0 predictions for 1 texts/);
  });
});

describe('a cascade is refused', () => {
  const sure = { threshold: 0.5 };
  it.each<[string, readonly FakeModel[], RegExp]>([
    [
      'that names itself',
      [{ name: 'bad', stages: [{ model: 'small', ...sure }, { model: 'bad@1' }] }],
      /cascade bad@1 → bad@1 contains itself/,
    ],
    [
      'that names itself through others',
      [
        { name: 'bad', stages: [{ model: 'small', ...sure }, { model: 'worse' }] },
        { name: 'worse', stages: [{ model: 'middle', ...sure }, { model: 'bad' }] },
      ],
      /cascade bad@1 → worse@1 → bad@1 contains itself/,
    ],
    [
      'whose stage is not there',
      [{ name: 'bad', stages: [{ model: 'small', ...sure }, { model: 'nobody' }] }],
      /fake.bad.1: stage nobody not found/,
    ],
    [
      'whose stages give different labels',
      [
        { name: 'other', labels: ['x', 'z'] },
        { name: 'bad', stages: [{ model: 'small', ...sure }, { model: 'other' }] },
      ],
      /its stages small@1 and other@1 give different labels/,
    ],
  ])('%s', async (_, bad, message) => {
    const { load } = registry([...models, ...bad]);
    await expect(load('bad@1')).rejects.toThrow(ModelError);
    await expect(load('bad@1')).rejects.toThrow(message);
    // As a default model it fails the init.
    expect(() => registry([...models, ...bad], undefined, { defaultModels: ['bad'] })).toThrow(message);
  });
});
