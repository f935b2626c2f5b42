import fc from 'fast-check';
import { ConfigError, ModelError, PermanentError } from '../../../src/errors.ts';
import type { LoadedModel } from '../../../src/models/loaded-model.ts';
import { modelCache } from '../../../src/models/catalogue/model-cache.ts';
import { modelRegistry, type RegistryOptions } from '../../../src/models/catalogue/registry.ts';
import { type FakeModel, fakeFolders, fakeLoader } from '../../support/fake-models.ts';

const MB = 2 ** 20;

const registry = (models: readonly FakeModel[], options: Partial<RegistryOptions> = {}) => {
  const loader = fakeLoader();
  const made = modelRegistry(fakeFolders(models), {
    defaultModels: [models[0]?.name ?? ''],
    load: loader.load,
    sizeOf: () => MB,
    ...options,
  });
  return { ...loader, ...made };
};

const abc = ['a', 'b', 'c'].map((name) => ({ name, attribute: name }));

describe('names of models', () => {
  it('stand for a version, or for the highest one', () => {
    const versions = ['9', '10'].map((version) => ({ name: 'intents', version }));
    const { resolve } = registry(versions);
    expect(resolve()).toEqual([expect.objectContaining({ id: 'intents@10', attribute: 'label' })]);
    expect(resolve(['intents@9']).map(({ id }) => id)).toEqual(['intents@9']);
    expect(registry(versions, { defaultModels: ['intents@9'] }).resolve()[0]?.id).toBe('intents@9');
  });

  it('stand for several models, each once', () => {
    const { resolve } = registry(abc);
    expect(resolve(['b', 'a', 'b@1']).map(({ id }) => id)).toEqual(['b@1', 'a@1']);
    expect(resolve([]).map(({ id }) => id)).toEqual(['a@1']);
    const both = registry(abc, { defaultModels: ['c', 'b', 'c@1'] });
    expect(both.resolve().map(({ id }) => id)).toEqual(['c@1', 'b@1']);
  });

  it('of different tasks do not go together, neither by default nor for an item', () => {
    const both = [...abc, { name: 'reader', attribute: 'answer', task: 'question-answering' }];
    const { resolve } = registry(both);
    expect(resolve(['reader'])).toEqual([
      expect.objectContaining({ id: 'reader@1', task: 'question-answering', attribute: 'answer' }),
    ]);
    const difference = 'a@1 is for text-classification, reader@1 for question-answering';
    const asked = () => resolve(['a', 'reader']);
    expect(asked).toThrow(expect.objectContaining({ code: 'conflicting-models' }));
    expect(asked).toThrow(`the models do not go together: ${difference}`);
    const made = () => registry(both, { defaultModels: ['a', 'reader'] });
    expect(made).toThrow(ConfigError);
    expect(made).toThrow(`the default models do different tasks: ${difference}`);
    expect(registry(both, { defaultModels: ['reader'] }).resolve()).toHaveLength(1);
  });

  it('that nobody has are rejected, or stand for the default models', () => {
    const { resolve } = registry(abc);
    expect(() => resolve(['b', 'nobody'])).toThrow(PermanentError);
    expect(() => resolve(['nobody'])).toThrow(
      /^a model that the item names was not found; available: a@1, b@1, c@1$/,
    );
    expect(() => resolve(['my secret text'])).toThrow(
      expect.not.objectContaining({ message: expect.stringMatching(/secret/) }),
    );
    const lenient = registry(abc, { unknownModel: 'default' });
    expect(lenient.resolve(['nobody']).map(({ id }) => id)).toEqual(['a@1']);
    expect(lenient.resolve(['b', 'nobody', 'no one']).map(({ id }) => id)).toEqual(['b@1', 'a@1']);
  });

  it('of folders that are faulty are told with the cause, and leave the others alone', () => {
    const cause = new ModelError('model.json is not a model manifest: steps: missing');
    const faults = ['b@2', 'torn@1'].map((id) => ({ id, folder: `/fake/${id}`, error: cause }));
    const { resolve } = registry(abc, { faults });
    // Of a name, the highest version that can be used.
    expect(resolve(['a', 'b']).map(({ id }) => id)).toEqual(['a@1', 'b@1']);
    const reason = 'was found, but its folder is faulty: model.json is not a model manifest: steps: missing';
    for (const [name, id] of [
      ['b@2', 'b@2'],
      ['torn', 'torn@1'],
      ['torn@1', 'torn@1'],
    ] as const) {
      expect(() => resolve([name])).toThrow(
        expect.objectContaining({ code: 'unknown-model', message: `model ${id} ${reason}` }),
      );
    }
    const lenient = registry(abc, { faults, unknownModel: 'default' });
    expect(lenient.resolve(['torn']).map(({ id }) => id)).toEqual(['a@1']);
  });

  it('of folders that are faulty cannot be default models, nor stages of one', () => {
    const error = new ModelError('model.json is not a model manifest');
    const faults = [{ id: 'torn@1', folder: '/fake/torn/1', error }];
    const message = 'model torn@1 cannot be used: model.json is not a model manifest';
    for (const name of ['torn', 'torn@1'])
      expect(() => registry(abc, { faults, defaultModels: ['a', name] })).toThrow(message);
    const cascade = [...abc, { name: 'both', stages: [{ model: 'a', threshold: 0.9 }, { model: 'torn' }] }];
    expect(() => registry(cascade, { faults, defaultModels: ['both'] })).toThrow(message);
    // One that nobody has to use does not stop the others.
    expect(
      registry(cascade, { faults })
        .resolve(['c'])
        .map(({ id }) => id),
    ).toEqual(['c@1']);
  });

  it.each([
    ['the same attribute', 'label', 'label'],
    ['an attribute of its label', 'label', 'label_by'],
  ])('cannot stand for two models that write %s', (_, one, other) => {
    const models = [
      { name: 'a', attribute: one },
      { name: 'b', attribute: other },
    ];
    const { resolve } = registry(models);
    expect(() => resolve(['a', 'b'])).toThrow(
      expect.objectContaining({
        code: 'conflicting-models',
        message: expect.stringMatching(/a@1 and b@1 both write label/),
      }),
    );
    expect(() => registry(models, { defaultModels: ['a', 'b'] })).toThrow(ModelError);
    expect(() => registry(models, { defaultModels: ['a', 'b'] })).toThrow(
      /default models do not go together: a@1 and b@1 .* change "attribute"/,
    );
  });

  it('of default models must be there', () => {
    expect(() => registry(abc, { defaultModels: ['a', 'nobody'] })).toThrow(
      /default model nobody not found; available: a@1, b@1, c@1/,
    );
  });
});

describe('the registry', () => {
  it('loads the default models at first, any other when it is asked, and each once', async () => {
    const { preload, load, loads } = registry(abc, { defaultModels: ['a', 'b'] });
    await preload();
    expect(loads).toEqual(['a@1', 'b@1']);
    const [one, other] = await Promise.all([load('c@1'), load('c@1')]);
    expect(one).toBe(other);
    await one.classify(['hello']);
    await load('a@1');
    expect(loads).toEqual(['a@1', 'b@1', 'c@1']);
  });

  it('tries again after a load that failed', async () => {
    const { load, loads, failures } = registry(abc);
    failures.push(new ModelError('not yet'));
    await expect(load('b@1')).rejects.toThrow('not yet');
    expect(await (await load('b@1')).classify(['hello'])).toEqual([{ labels: [{ label: 'b@1', score: 1 }] }]);
    expect(loads).toEqual(['b@1', 'b@1']);
    await expect(load('nobody@1')).rejects.toThrow(/model nobody@1 not found/);
  });

  it('releases the least recently used model, never a default one, and loads it again when asked', async () => {
    const many = ['default', 'b', 'c', 'd'].map((name) => ({ name, attribute: name }));
    const { preload, load, loads, released, loaded } = registry(many, { memoryMB: 3 });
    await preload();
    const b = await load('b@1');
    await load('c@1');
    await b.classify(['hello']);
    await load('d@1');
    expect(released).toEqual(['c@1']);
    await load('c@1');
    expect(released).toEqual(['c@1', 'b@1']);
    expect(loaded()).toEqual(['default@1', 'd@1', 'c@1']);
    expect(await b.classify(['hello'])).toEqual([{ labels: [{ label: 'b@1', score: 1 }] }]);
    expect(loads).toEqual(['default@1', 'b@1', 'c@1', 'd@1', 'c@1', 'b@1']);
  });

  it('loads a model that is larger than its memory alone, and keeps nothing beside it', async () => {
    const { load, loaded } = registry(abc, {
      memoryMB: 2,
      sizeOf: ({ manifest: { name } }) => (name === 'c' ? 5 : 1) * MB,
    });
    await load('a@1');
    await load('b@1');
    await load('c@1');
    expect(loaded()).toEqual(['a@1', 'c@1']);
    await load('b@1');
    expect(loaded()).toEqual(['a@1', 'b@1']);
  });
});

describe('the cache of models', () => {
  interface Task {
    readonly id: string;
    readonly turns: number;
  }
  const SIZES: Readonly<Record<string, number>> = { a: 1, b: 2, c: 3, d: 4, huge: 20 };
  const task = fc.record({ id: fc.constantFrom(...Object.keys(SIZES)), turns: fc.nat({ max: 5 }) });

  /** Uses models as told, some at the same time, and looks at the cache at every step. */
  const play = async (budget: number, waves: readonly (readonly Task[])[]) => {
    const resident = new Set<string>();
    const busy = new Map<string, number>();
    const faults: string[] = [];
    const order: string[] = [];
    const used = () => [...resident].reduce((total, id) => total + (SIZES[id] ?? 0), 0);
    const load = async (id: string): Promise<LoadedModel> => {
      if (resident.has(id)) faults.push(`${id} was loaded twice`);
      await Promise.resolve();
      const others = [...resident].filter((one) => one !== 'a' && !busy.get(one));
      resident.add(id);
      if (used() > budget && others.length > 0) faults.push(`over budget with ${others.join()} idle`);
      return {
        id,
        task: 'text-classification',
        attribute: id,
        classify: async () => [],
        release: async () => {
          if (id === 'a') faults.push('the default model was released');
          if (busy.get(id)) faults.push(`${id} was released while in use`);
          const before = order.slice(0, order.indexOf(id));
          if (before.some((one) => resident.has(one) && one !== 'a' && !busy.get(one)))
            faults.push(`${id} was released before one that was used less recently`);
          resident.delete(id);
        },
      };
    };
    const cache = modelCache({ budget, sizeOf: (id) => SIZES[id] ?? 0, load, isKept: (id) => id === 'a' });
    for (const wave of waves) {
      await Promise.all(
        wave.map(async ({ id, turns }) => {
          busy.set(id, (busy.get(id) ?? 0) + 1);
          await cache.use(id, async (model) => {
            if (model.id !== id || !resident.has(id)) faults.push(`${id} is not what was asked for`);
            order.splice(0, order.length, ...order.filter((one) => one !== id), id);
            for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
            if (!resident.has(id)) faults.push(`${id} went away while in use`);
          });
          busy.set(id, (busy.get(id) ?? 0) - 1);
        }),
      );
    }
    return { faults, resident: used(), loaded: cache.loaded() };
  };

  it('never holds more than its budget but what is in use or kept, and releases in the order of use', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.array(task, { maxLength: 30 }),
        async (budget, tasks) => {
          const { faults } = await play(
            budget,
            tasks.map((one) => [one]),
          );
          expect(faults).toEqual([]);
        },
      ),
    );
  });

  it('holds to that where models are used at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.array(task, { minLength: 1, maxLength: 5 }), { maxLength: 12 }),
        async (budget, waves) => {
          const { faults } = await play(budget, waves);
          expect(faults.filter((fault) => !/less recently|over budget/.test(fault))).toEqual([]);
        },
      ),
    );
  });

  it('gives an idle model up before it goes over its budget', async () => {
    const { loaded } = await play(6, [
      [{ id: 'b', turns: 0 }],
      [{ id: 'c', turns: 0 }],
      [{ id: 'd', turns: 0 }],
    ]);
    expect(loaded).toEqual(['d']);
    const { resident } = await play(6, [[{ id: 'a', turns: 0 }], [{ id: 'huge', turns: 0 }]]);
    expect(resident).toBe(21);
  });
});
