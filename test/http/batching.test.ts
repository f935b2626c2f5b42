import fc from 'fast-check';
import { type BatchingLimits, batchingModels } from '../../src/http/batching.ts';
import { CallerGoneError } from '../../src/http/caller-gone-error.ts';
import { OverloadedError } from '../../src/http/overloaded-error.ts';
import { must } from '../../src/errors.ts';
import type { Answer, Input, Models, Prediction } from '../../src/tasks/model.ts';

const LIMITS: BatchingLimits = { runTexts: 4, runMs: 20, waitMs: 0, queueTexts: 1_000, queueRequests: 100 };

interface Echo extends Answer {
  readonly of: string;
}

/** Models that answer with the text itself, and keep what they were run on. `hold` makes runs wait for `go`. */
const echoModels = ({ hold = false, isBeside = false } = {}) => {
  const runs: { readonly model: string; readonly texts: readonly string[] }[] = [];
  const held: (() => void)[] = [];
  const state = { isHeld: hold, running: 0, most: 0 };
  const models: Models = {
    resolve: (names = ['m@1']) =>
      names.map((id) => ({ id, task: 'text-classification', attribute: 'label' })),
    load: async (id) => {
      if (id === 'broken@1') throw new Error('cannot be loaded');
      return {
        id,
        task: 'text-classification',
        attribute: 'label',
        isBeside,
        classify: async (inputs: readonly Input[]): Promise<readonly Prediction[]> => {
          const texts = inputs.map(String);
          runs.push({ model: id, texts });
          state.running += 1;
          state.most = Math.max(state.most, state.running);
          if (state.isHeld) await new Promise<void>((resolve) => held.push(resolve));
          else await new Promise(setImmediate);
          state.running -= 1;
          if (texts.includes('fatal')) throw new Error('the run failed');
          return texts.map((of): Echo => ({ of: `${id} ${of}` }));
        },
      };
    },
  };
  /** Ends the run that is held, and all later ones as they come. */
  const go = (): void => {
    state.isHeld = false;
    for (const resolve of held.splice(0)) resolve();
  };
  return { models, runs, state, go };
};

const ask = async (models: Models, texts: readonly string[], id = 'm@1') =>
  (await models.load(id)).classify(texts);

const numbered = (count: number, name = 't') =>
  Array.from({ length: count }, (_, index) => `${name}${index}`);

/** Until a condition holds, turn by turn of the event loop. */
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise(setImmediate);
};

describe('batchingModels', () => {
  it('answers every text once, with its own answer, in order, whatever comes together', async () => {
    const request = fc.record({
      model: fc.constantFrom('a@1', 'b@1', 'c@1'),
      count: fc.integer({ min: 0, max: 30 }),
      after: fc.integer({ min: 0, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 1 }),
        fc.boolean(),
        async (requests, runTexts, waitMs, isBeside) => {
          const { models, runs, state } = echoModels({ isBeside });
          const batching = batchingModels(models, { ...LIMITS, runTexts, waitMs });
          const answers = await Promise.all(
            requests.map(async ({ model, count, after }, index) => {
              for (let turn = 0; turn < after; turn += 1) await new Promise(setImmediate);
              return ask(batching, numbered(count, `${index}-`), model);
            }),
          );
          expect(answers).toEqual(
            requests.map(({ model, count }, index) =>
              numbered(count, `${index}-`).map((text) => ({ of: `${model} ${text}` })),
            ),
          );
          const ran = runs.flatMap(({ texts }) => texts);
          expect(new Set(ran).size).toBe(ran.length);
          expect(ran).toHaveLength(requests.reduce((total, { count }) => total + count, 0));
          expect(Math.max(0, ...runs.map(({ texts }) => texts.length))).toBeLessThanOrEqual(runTexts);
          expect(state.most).toBeLessThanOrEqual(isBeside ? 2 : 1);
          expect([...batching.waiting().values()].every((waiting) => waiting === 0)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses what does not fit into the queue, and answers all that it accepted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 10 }),
        async (counts, queueTexts, queueRequests) => {
          const { models, go } = echoModels({ hold: true });
          const batching = batchingModels(models, { ...LIMITS, queueTexts, queueRequests });
          const asked = counts.map((count) =>
            ask(batching, numbered(count)).catch((error: unknown) => error),
          );
          // Everything has been accepted or refused, and no run has begun.
          await new Promise(setImmediate);
          const waiting = must(batching.waiting().get('m@1'), 'queue');
          go();
          const answers = await Promise.all(asked);
          // A request that is larger than the whole queue is accepted when nothing else waits.
          expect(waiting).toBeLessThanOrEqual(Math.max(queueTexts, must(counts[0], 'count')));
          const accepted = answers.filter((answer) => !(answer instanceof OverloadedError));
          expect(accepted.length).toBeLessThanOrEqual(queueRequests);
          expect(accepted.flat()).toHaveLength(waiting);
          for (const [index, answer] of answers.entries()) {
            if (answer instanceof OverloadedError) expect(answer.retryAfterSeconds).toBeGreaterThanOrEqual(1);
            else expect(answer).toHaveLength(must(counts[index], 'count'));
          }
          expect(answers[0]).not.toBeInstanceOf(OverloadedError);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('runs at once what comes alone, and together what comes during a run', async () => {
    const { models, runs, go } = echoModels({ hold: true });
    const batching = batchingModels(models, LIMITS);
    const first = ask(batching, ['first']);
    await until(() => runs.length === 1);
    const others = ['a', 'b', 'c'].map((text) => ask(batching, [text]));
    await new Promise(setImmediate);
    expect(runs).toEqual([{ model: 'm@1', texts: ['first'] }]);
    go();
    await Promise.all([first, ...others]);
    expect(runs.slice(1)).toEqual([{ model: 'm@1', texts: ['a', 'b', 'c'] }]);
  });

  it('gives a model beside this thread its next run before the first has ended', async () => {
    const { models, runs, go } = echoModels({ hold: true, isBeside: true });
    const batching = batchingModels(models, LIMITS);
    const asked = [ask(batching, ['first'])];
    await until(() => runs.length === 1);
    asked.push(...['a', 'b', 'c'].map((text) => ask(batching, [text])));
    await until(() => runs.length === 2);
    await new Promise(setImmediate);
    // Half of the four texts that there are; the others wait for the end of a run.
    expect(runs.map(({ texts }) => texts)).toEqual([['first'], ['a', 'b']]);
    go();
    await Promise.all(asked);
    expect(runs.slice(2)).toEqual([{ model: 'm@1', texts: ['c'] }]);
  });

  it('does not let a large request keep single texts waiting', async () => {
    const { models, runs } = echoModels();
    const batching = batchingModels(models, { ...LIMITS, runTexts: 8 });
    const large = ask(batching, numbered(1_000));
    await until(() => runs.length === 1);
    await ask(batching, ['single']);
    // The run that had begun, and one more.
    expect(runs.length).toBeLessThanOrEqual(3);
    expect(runs.findIndex(({ texts }) => texts.includes('single'))).toBeLessThanOrEqual(2);
    await large;
  });

  it('runs models in turn, however much waits for one of them', async () => {
    const { models, runs } = echoModels();
    const batching = batchingModels(models, LIMITS);
    const busy = ask(batching, numbered(400), 'busy@1');
    await until(() => runs.length === 2);
    await ask(batching, ['rare'], 'rare@1');
    expect(runs.findIndex(({ model }) => model === 'rare@1')).toBeLessThanOrEqual(4);
    await busy;
  });

  it('fails the requests of a run that fails, and no others', async () => {
    const { models } = echoModels();
    const batching = batchingModels(models, LIMITS);
    const answers = await Promise.allSettled([
      ask(batching, ['one', 'fatal', ...numbered(20)]),
      ask(batching, ['other'], 'other@1'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(batching.waiting()).toEqual(
      new Map([
        ['m@1', 0],
        ['other@1', 0],
      ]),
    );
    await expect(ask(batching, ['again'])).resolves.toEqual([{ of: 'm@1 again' }]);
  });

  it("fails all requests of a model that cannot be loaded with the model's error, and keeps no others waiting", async () => {
    const { models } = echoModels();
    const batching = batchingModels(models, LIMITS);
    const broken = [ask(batching, ['a'], 'broken@1'), ask(batching, ['b'], 'broken@1')];
    const fine = ask(batching, ['c']);
    for (const answer of broken) await expect(answer).rejects.toThrow('cannot be loaded');
    await expect(fine).resolves.toHaveLength(1);
    expect(batching.waiting().get('broken@1')).toBe(0);
  });

  it('drops the texts of a caller that has gone', async () => {
    const { models, runs, go } = echoModels({ hold: true });
    const callers: { gone: boolean }[] = [];
    const batching = batchingModels(models, {
      ...LIMITS,
      watchCaller: () => {
        const caller = { gone: false };
        callers.push(caller);
        return () => caller.gone;
      },
    });
    const first = ask(batching, ['first']);
    await until(() => runs.length === 1);
    const gone = ask(batching, numbered(30, 'gone'));
    const stays = ask(batching, ['stays']);
    await until(() => callers.length === 3);
    must(callers[1], 'caller').gone = true;
    go();
    await expect(gone).rejects.toBeInstanceOf(CallerGoneError);
    await Promise.all([first, stays]);
    expect(runs.map(({ texts }) => texts)).toEqual([['first'], ['stays']]);
    expect(batching.waiting().get('m@1')).toBe(0);
  });

  it('tells of its runs', async () => {
    const { models } = echoModels();
    const told: unknown[] = [];
    const batching = batchingModels(models, {
      ...LIMITS,
      onRun: ({ model, texts }) => told.push({ model, texts }),
    });
    await ask(batching, numbered(6));
    expect(told).toEqual([
      { model: 'm@1', texts: 4 },
      { model: 'm@1', texts: 2 },
    ]);
  });
});
