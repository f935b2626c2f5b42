import { PermanentError, TransientError } from '../../src/errors.ts';
import type { LabelStore, RejectStore, WriteResult } from '../../src/pipeline/destinations.ts';
import { patientLabels, patientRejects, patientStream } from '../../src/stores/patient.ts';
import { labelWrite } from '../support/documents.ts';

const PATIENCE = { pauseMs: 1, maxPauseMs: 2 };
const outage = new TransientError('refused');
const failed = { kind: 'failed', error: outage } as const;
const labelled = { kind: 'labelled' } as const;
const forever = () => new AbortController().signal;

/** A store that gives these answers, one after the other, and then the last one for ever. */
const answering = (answers: readonly (readonly WriteResult[])[]) => {
  let calls = 0;
  const store: LabelStore = {
    put: async () => {
      calls += 1;
      return answers[Math.min(calls, answers.length) - 1] ?? [];
    },
  };
  return { store: patientLabels(store, PATIENCE), calls: () => calls };
};

const writes = [labelWrite('a', 'one', 'x'), labelWrite('b', 'two', 'y')];

describe('a patient label store', () => {
  it('puts the same again until something gets through, and tells how often', async () => {
    const { store, calls } = answering([
      [failed, failed],
      [failed, failed],
      [failed, labelled],
    ]);
    let retries = 0;
    const onRetry = (): void => {
      retries += 1;
    };
    expect(await store.put(writes, { signal: forever(), onRetry })).toEqual([failed, labelled]);
    expect([calls(), retries]).toEqual([3, 2]);
  });

  it('gives up when time is up', async () => {
    const { store } = answering([[failed, failed]]);
    expect(await store.put(writes, { signal: AbortSignal.timeout(30) })).toEqual([failed, failed]);
  });

  it.each<[string, readonly WriteResult[]]>([
    ['something got through', [labelled, failed]],
    [
      'something was refused',
      [{ kind: 'rejected', error: new PermanentError('write-refused', 'no') }, failed],
    ],
    [
      'it lasts until somebody mends it',
      [failed, { kind: 'failed', error: new TransientError('no table', { isLasting: true }) }],
    ],
    ['there is nothing to put', []],
  ])('does not wait where %s', async (_, results) => {
    const { store, calls } = answering([results]);
    expect(await store.put(writes, { signal: forever() })).toEqual(results);
    expect(calls()).toBe(1);
  });

  it('does not wait without a deadline', async () => {
    const { store, calls } = answering([[failed, failed]]);
    await store.put(writes);
    expect(calls()).toBe(1);
  });
});

describe('a patient reject store', () => {
  const rejects = (errors: readonly Error[]) => {
    let calls = 0;
    const store: RejectStore = {
      put: async () => {
        calls += 1;
        const error = errors[calls - 1];
        if (error !== undefined) throw error;
      },
    };
    return { store: patientRejects(store, PATIENCE), calls: () => calls };
  };

  it('puts rejects again until they are stored', async () => {
    const { store, calls } = rejects([outage, outage]);
    await store.put([], { signal: forever() });
    expect(calls()).toBe(3);
  });

  it('throws what lasts, and what it could not wait out', async () => {
    const lasting = new TransientError('no table', { isLasting: true });
    await expect(rejects([lasting]).store.put([], { signal: forever() })).rejects.toBe(lasting);
    const always = rejects(Array(1_000).fill(outage));
    await expect(always.store.put([], { signal: AbortSignal.timeout(30) })).rejects.toBe(outage);
  });
});

describe('a patient stream', () => {
  it('puts records again until one is taken', async () => {
    let calls = 0;
    const put = async () => {
      calls += 1;
      return [calls < 3 ? failed : ({ kind: 'forwarded' } as const)];
    };
    const record = { partitionKey: 'a', data: Buffer.from('x') };
    expect(await patientStream({ put }, PATIENCE).put([record], { signal: forever() })).toEqual([
      { kind: 'forwarded' },
    ]);
  });
});
