import fc from 'fast-check';
import { PermanentError, TransientError } from '../../src/errors.ts';
import type { Forwarder, LabelEvent } from '../../src/pipeline/destinations.ts';
import { document } from '../support/documents.ts';
import { labelEvent } from '../../src/pipeline/forward/label-event.ts';
import { TOY } from '../../src/tools/chaos/histories/toy-models.ts';

/** What a destination answers for one entry of a call. */
export type EntryFate = 'taken' | 'throttled' | 'unanswered';

/** A destination that the SDK's client talks to. */
export interface FakeDestination {
  readonly forwarder: Forwarder;
  /** The texts of the events of each call, as the destination got them; also of calls that it did not take. */
  readonly calls: readonly (readonly string[])[];
}

export interface ForwardSubject {
  /** @param fateOf decides about an entry, by its text; or what the whole call throws */
  open(fateOf: (text: string) => EntryFate | Error): FakeDestination;
  /** The event in what the destination got. */
  read(text: string): Pick<LabelEvent, 'id' | 'subject' | 'source' | 'time' | 'data'>;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly maxEntryBytes: number;
  /** The events of an item arrive in their order. */
  readonly isOrdered: boolean;
  /** The name of the error with which it refuses a whole call for the sake of one entry; undefined where it does not. */
  readonly refusal?: string;
}

const FAILED = { kind: 'failed', error: expect.any(TransientError) };
const SETTINGS = { source: '/labelstream/test', table: 'documents' };

/** The event of an item with this id, a label of so many characters. */
export const event = (id: string, label: string, changedMicros?: bigint): LabelEvent =>
  labelEvent(
    {
      document: document(id, 'text'),
      model: TOY,
      answer: { labels: [{ label, score: 0.5 }] } as never,
      changedMicros,
    },
    SETTINGS,
  );

const named = (name: string): Error => Object.assign(new Error('a secret'), { name });

/** What every destination of labels must do. */
export const describeForwarder = (name: string, subject: ForwardSubject): void => {
  const { open, read, maxEntries, maxBytes, maxEntryBytes, isOrdered, refusal } = subject;
  const events = (count: number): LabelEvent[] =>
    Array.from({ length: count }, (_, index) => event(`item-${index}`, 'x'));
  const idsOf = (calls: FakeDestination['calls']) => calls.flat().map((text) => read(text).id);

  describe(`${name} as a destination`, () => {
    it('gets each event once, with its id, its item and the answer', async () => {
      const { forwarder, calls } = open(() => 'taken');
      const given = [event('a', 'x', 1_719_347_890_250_647n), event('b', 'ÿ \ufffe \u0001 💳')];
      expect(await forwarder.put(given)).toEqual([{ kind: 'forwarded' }, { kind: 'forwarded' }]);
      expect(calls.flat().map(read)).toEqual(
        given.map(({ id, subject: item, source, time, data }) => ({ id, subject: item, source, time, data })),
      );
      // Characters that are none of XML's would be refused by SQS.
      expect(calls.flat().join('')).not.toMatch(/[\u0000-\u0008\ufffe\uffff]/);
    });

    it('gets no more in a call than it takes', async () => {
      const { forwarder, calls } = open(() => 'taken');
      await forwarder.put(events(2 * maxEntries + 1));
      const sizes = calls.map(({ length }) => length).toSorted((a, b) => b - a);
      expect(sizes).toEqual([maxEntries, maxEntries, 1]);
      if (maxEntries === 1) return;
      const large = open(() => 'taken');
      const label = 'x'.repeat(Math.min(Math.floor(maxBytes / 3), maxEntryBytes - 2_000));
      await large.forwarder.put(['a', 'b', 'c', 'd', 'e'].map((id) => event(id, label)));
      for (const call of large.calls)
        expect(call.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0)).toBeLessThanOrEqual(
          maxBytes,
        );
      expect(idsOf(large.calls)).toHaveLength(5);
    });

    it('gets no event that is larger than it takes: that is rejected, and the others are sent', async () => {
      const { forwarder, calls } = open(() => 'taken');
      const [first, , last] = events(3) as [LabelEvent, LabelEvent, LabelEvent];
      const results = await forwarder.put([first, event('large', 'x'.repeat(maxEntryBytes)), last]);
      expect(results).toEqual([
        { kind: 'forwarded' },
        { kind: 'rejected', error: expect.any(PermanentError) },
        { kind: 'forwarded' },
      ]);
      expect(results[1]).toMatchObject({ error: { code: 'forward-refused' } });
      expect(idsOf(calls)).toEqual([first.id, last.id]);
    });

    it('gets again only what it did not take', async () => {
      const [, second] = events(3);
      let isFirst = true;
      const { forwarder, calls } = open((text) => {
        if (read(text).id !== second?.id || !isFirst) return 'taken';
        isFirst = false;
        return 'throttled';
      });
      expect(await forwarder.put(events(3))).toEqual(Array(3).fill({ kind: 'forwarded' }));
      const ids = idsOf(calls);
      expect(ids.filter((id) => id !== second?.id)).toHaveLength(2);
      expect(ids).toHaveLength(4);
    });

    it('fails what it did not take in several attempts, or left unanswered', async () => {
      for (const fate of ['throttled', 'unanswered'] as const) {
        const [first] = events(2);
        const { forwarder } = open((text) => (read(text).id === first?.id ? fate : 'taken'));
        expect(await forwarder.put(events(2))).toEqual([FAILED, { kind: 'forwarded' }]);
      }
    });

    it.each(['AccessDeniedException', 'ResourceNotFoundException'])(
      'fails all events, and says that waiting does not help, where a call ends with %s',
      async (error) => {
        const { forwarder } = open(() => named(error));
        const results = await forwarder.put(events(3));
        expect(results).toEqual(Array(3).fill(FAILED));
        expect(results[0]).toMatchObject({ error: { isLasting: true } });
        expect(JSON.stringify(results)).not.toContain('a secret');
      },
    );

    it('fails all events where the connection breaks', async () => {
      const { forwarder } = open(() => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
      const results = await forwarder.put(events(3));
      expect(results).toEqual(Array(3).fill(FAILED));
      expect(results[0]).toMatchObject({ error: { isLasting: false } });
    });

    if (refusal !== undefined)
      it(`rejects only the event for which a call is refused with ${refusal}`, async () => {
        const given = events(3);
        const { forwarder } = open((text) => (read(text).id === given[1]?.id ? named(refusal) : 'taken'));
        const results = await forwarder.put(given);
        expect(results.map(({ kind }) => kind)).toEqual(['forwarded', 'rejected', 'forwarded']);
        expect(results[1]).toMatchObject({ error: { code: 'forward-refused' } });
      });

    it('gets nothing for nothing, or when time is up', async () => {
      const { forwarder, calls } = open(() => 'taken');
      expect(await forwarder.put([])).toEqual([]);
      expect(await forwarder.put(events(1), { signal: AbortSignal.abort() })).toEqual([FAILED]);
      expect(calls).toEqual([]);
    });

    it('gives every event one result, in their order, and gets what was forwarded, whatever it takes', async () => {
      const items = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 25 });
      await fc.assert(
        fc.asyncProperty(items, fc.infiniteStream(fc.boolean()), async (ids, fates) => {
          const given = ids.map((id, index) => event(id, `label-${index}`));
          const taken: string[] = [];
          const { forwarder } = open((text) => {
            const fate = fates.next().value === true ? 'taken' : 'throttled';
            if (fate === 'taken') taken.push(read(text).id);
            return fate;
          });
          const results = await forwarder.put(given);
          const forwarded = given.filter((_, index) => results[index]?.kind === 'forwarded');
          expect(results).toHaveLength(given.length);
          expect(taken.toSorted()).toEqual(forwarded.map(({ id }) => id).toSorted());
          if (!isOrdered) return;
          for (const item of ['a', 'b', 'c']) {
            const own = forwarded.filter((one) => one.data.keys.id?.S === item).map(({ id }) => id);
            expect(taken.filter((id) => own.includes(id))).toEqual(own);
          }
        }),
        { numRuns: 50 },
      );
    });
  });
};
