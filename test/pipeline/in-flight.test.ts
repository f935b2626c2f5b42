import { labelBatch } from '../../src/pipeline/label-batch.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import type { InFlight } from '../../src/pipeline/in-flight.ts';
import { memoryLabels, memoryRejects, NO_DEADLINE, SETTINGS, toyModels } from '../support/fakes.ts';
import { change, streamRecords } from '../support/records.ts';

const run = async (
  texts: readonly string[],
  suspicions: Readonly<Record<string, 'suspect' | 'guilty'>>,
  loads = true,
) => {
  const calls: string[][] = [];
  const under: (readonly string[])[] = [];
  const toys = toyModels();
  const models = {
    ...toys,
    load: async (id: string) => {
      const model = await toys.load(id);
      if (!loads) throw new Error('no memory');
      const classify: typeof model.classify = (batch) => {
        calls.push(batch.map(String));
        return model.classify(batch);
      };
      return { ...model, classify };
    },
  };
  const byHash = new Map(Object.entries(suspicions).map(([text, suspicion]) => [sha256(text), suspicion]));
  const inFlight: InFlight = {
    suspicionOf: (hash) => byHash.get(hash) ?? 'none',
    during: (hashes, work) => {
      under.push(hashes);
      return work();
    },
  };
  const rejects = memoryRejects();
  const parts = {
    models,
    labels: memoryLabels(),
    rejects,
    inFlight,
    settings: { ...SETTINGS, chunkSize: 10 },
  };
  const datas = texts.map((text, index) => change(String(index), text));
  const { outcomes } = await labelBatch(streamRecords(datas), parts, NO_DEADLINE);
  return {
    kinds: outcomes.map(({ kind }) => kind),
    calls,
    under,
    reasons: rejects.rejects.map(({ error }) => error),
  };
};

describe('texts that were under way when an environment ended', () => {
  it('are classified last and one by one, and all are remembered meanwhile', async () => {
    const { kinds, calls, under } = await run(['one', 'two', 'three', 'four'], {
      one: 'suspect',
      three: 'suspect',
    });
    expect(kinds).toEqual(Array(4).fill('labelled'));
    expect(calls).toEqual([['two', 'four'], ['one'], ['three']]);
    expect(under).toEqual([[sha256('two'), sha256('four')], [sha256('one')], [sha256('three')]]);
  });

  it('are not under way while their model is loaded: that it ends an environment is no fault of theirs', async () => {
    expect(await run(['one'], {}, false)).toMatchObject({ kinds: ['failed'], calls: [], under: [] });
  });

  it('are put aside with a reason where it was one of them alone, and its neighbours are labelled', async () => {
    const { kinds, calls, reasons } = await run(['one', 'two', 'three'], { two: 'guilty' });
    expect(kinds).toEqual(['labelled', 'rejected', 'labelled']);
    expect(calls).toEqual([['one', 'three']]);
    expect(reasons).toMatchObject([
      { code: 'inference-failed', message: expect.stringMatching(/ended more than once/) },
    ]);
  });
});
