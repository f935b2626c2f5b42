import { rmSync } from 'node:fs';
import fsPromises from 'node:fs/promises';
import fc from 'fast-check';
import { TransientError } from '../../../src/errors.ts';
import type { ModelRegistry } from '../../../src/models/catalogue/registry.ts';
import type { ObjectStore } from '../../../src/pipeline/objects/object-store.ts';
import { memoryObjects } from '../../../src/stores/objects/memory.ts';
import { rollBackInS3 } from '../../../src/tools/stage/models/s3/use.ts';
import { UserError } from '../../../src/tools/user-error.ts';
import { listModels, openModels } from '../../../src/wire/models.ts';
import { ask } from '../../support/ask-models.ts';
import { CARD, publishedModelsWorld, type PublishedModelsWorld } from '../../support/published-models.ts';

const FAULTS = ['down', 'cut', 'truncated', 'flipped', 'disk-full'] as const;
type Fault = (typeof FAULTS)[number];

/** By the number of the call that goes wrong. */
type Faults = ReadonlyMap<number, Fault>;

/** What somebody does, and what goes wrong meanwhile. */
type Step =
  | { readonly kind: 'publish' | 'use'; readonly version: number }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'batch'; readonly faults: Faults; readonly names?: string }
  | { readonly kind: 'restart'; readonly keepsDisk: boolean };

const VERSIONS = 4;
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      version: fc.integer({ min: 1, max: VERSIONS }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('use' as const),
      version: fc.integer({ min: 1, max: VERSIONS }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('batch' as const),
      faults: fc
        .array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom(...FAULTS)), { maxLength: 3 })
        .map((faults) => new Map(faults)),
      names: fc.option(fc.constantFrom('cards', 'cards@2', 'cards@3'), { nil: undefined }),
    }) as fc.Arbitrary<Step>,
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), keepsDisk: fc.boolean() }) },
);

/** Objects whose calls go wrong as a list says, one after the other. */
const faultyObjects = (objects: ObjectStore, next: () => Fault | undefined): ObjectStore => ({
  ...objects,
  head: async (...given) => {
    if (next() === 'down') throw new TransientError('S3 answers 503');
    return objects.head(...given);
  },
  async *read(object, range) {
    const fault = next();
    const chunks: Uint8Array[] = [];
    for await (const chunk of objects.read(object, range)) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const half = body.subarray(0, body.length / 2);
    if (fault === 'cut') {
      yield half;
      throw new TransientError('the connection was cut');
    }
    if (fault === 'truncated') return yield half;
    if (fault === 'flipped') body[body.length - 3] = (body[body.length - 3] ?? 0) ^ 1;
    yield body;
  },
});

interface Life {
  /** By version, whether its examples are as expected. */
  readonly published: Map<number, boolean>;
  /** The version in use first, then those before it; none until one is used. */
  pointer: number[];
}

let world: PublishedModelsWorld;

/** Which of the versions have wrong examples. */
const play = async (isBad: readonly boolean[], steps: readonly Step[]): Promise<void> => {
  const quiet = memoryObjects(['models']);
  world = publishedModelsWorld(quiet);
  let faults: Faults = new Map();
  let at = 0;
  const next = (): Fault | undefined => {
    const fault = faults.get(at++);
    if (fault === 'disk-full') full = true;
    return fault;
  };
  let full = false;
  const { open: really } = fsPromises;
  const opened = jest.spyOn(fsPromises, 'open').mockImplementation((...given) => {
    const isFull = full;
    full = false;
    if (isFull) return Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'open' }));
    return really(...given);
  });
  const objects = faultyObjects(quiet, next);
  const life: Life = { published: new Map(), pointer: [] };
  const publish = async (version: number): Promise<void> => {
    const bad = isBad[version - 1] === true;
    await world.publish(String(version), { isBad: bad });
    life.published.set(version, !bad);
  };
  const isGood = (version: number): boolean => life.published.get(version) === true;

  const open = async (): Promise<ModelRegistry> => {
    const settings = {
      MODEL: ['cards'],
      MODELS_DIR: world.url,
      MODELS_CACHE_DIR: world.cache,
      MODELS_REFRESH_SECONDS: 0,
      MODELS_DISK_MB: 0.11,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: 1_769,
    };
    return openModels(settings, await listModels(settings, undefined, objects));
  };

  /** An answer is of a version whose examples pass; or there is none yet, and the record is delivered again. */
  const check = (said: unknown): void => {
    if (said instanceof TransientError) return;
    expect(said).toMatch(/^v\d card$/);
    expect(isGood(Number(String(said)[1]))).toBe(true);
  };

  const change = async (one: Step): Promise<void> => {
    if (one.kind === 'publish' && !life.published.has(one.version)) await publish(one.version);
    else if (one.kind === 'use' && life.published.has(one.version) && life.pointer[0] !== one.version) {
      await world.use(String(one.version), { verify: false });
      life.pointer = [one.version, ...life.pointer.filter((version) => version !== one.version)];
    } else if (one.kind === 'rollback') {
      if (life.pointer.length > 1) {
        await rollBackInS3(world.models, 'cards');
        life.pointer = life.pointer.slice(1);
      } else await expect(rollBackInS3(world.models, 'cards')).rejects.toThrow(UserError);
    }
  };

  let models: ModelRegistry | undefined;
  try {
    // Most histories begin with one version in use and another that may be.
    for (const version of [1, 2]) await publish(version);
    await change({ kind: 'use', version: 1 });
    for (const one of steps) {
      faults = new Map();
      full = false;
      await change(one);
      if (life.pointer.length === 0) continue;
      if (one.kind === 'restart') {
        models = undefined;
        if (!one.keepsDisk) rmSync(world.cache, { recursive: true, force: true });
      }
      if (one.kind !== 'batch') continue;
      faults = one.faults;
      at = 0;
      // Where not even the first look succeeds, the init fails, and another environment begins.
      models ??= await open().catch(() => undefined);
      if (models === undefined) continue;
      const isThere =
        one.names === undefined || one.names === 'cards' || life.published.has(Number(one.names[6]));
      const said = await ask(models, CARD, one.names === undefined ? undefined : [one.names]);
      if (isThere) check(said);
      else if (!(said instanceof TransientError)) expect(said).toMatchObject({ code: 'unknown-model' });
    }
    faults = new Map();
    full = false;
    const [current] = life.pointer;
    if (current === undefined) return;
    models ??= await open();
    const said = await ask(models, CARD);
    check(said);
    if (isGood(current)) expect(said).toBe(`v${current} card`);
  } finally {
    opened.mockRestore();
    world.remove();
  }
};

it('answers with published versions whose examples pass, whatever goes wrong', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: VERSIONS, maxLength: VERSIONS }),
      fc.array(step, { minLength: 1, maxLength: 25 }),
      play,
    ),
    { numRuns: Number(process.env.CHAOS_RUNS ?? 10) },
  );
}, 120_000);
