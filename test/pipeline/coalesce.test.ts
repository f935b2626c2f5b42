import fc from 'fast-check';
import { type Change, coalesce } from '../../src/pipeline/coalesce.ts';

const at = (item: string | undefined, createdMicros?: bigint, other: Partial<Change> = {}): Change => ({
  item,
  createdMicros,
  ...other,
});

/** A time of whole microseconds, not of a whole second or millisecond. */
const T = 1_719_347_890_250_647n;
const SECOND = 1_719_347_890_000_000n;
const MS = 1_000n;

describe('coalesce', () => {
  it('lets the change made last stand for all of its item, wherever it is in the batch', () => {
    expect(coalesce([at('a', T), at('b', T + 5n), at('a', T + 2n), at('a', T + 1n)])).toEqual([2, 1, 2, 2]);
  });

  it.each([
    ['one without a time', at('a', undefined, { content: 'new' }), at('a', T, { content: 'old' })],
    ['one of the same time', at('a', T, { content: 'new' }), at('a', T, { content: 'old' })],
    ['a removal of the same time', at('a', T), at('a', T, { content: 'old' })],
    ['a newer one that cannot be read', at('a', T + 9n, { isReject: true }), at('a', T, { content: 'old' })],
  ])('lets a change stand for itself beside %s', (_, other, change) => {
    expect(coalesce([change, other])).toEqual([0, 1]);
    expect(coalesce([other, change])).toEqual([0, 1]);
  });

  it('lets the last stand for those after which there is the same to write, whatever their order is', () => {
    const same = { content: { hash: 'x', models: ['a'] } };
    expect(coalesce([at('a', undefined, same), at('a', T, same), at('a', undefined, same)])).toEqual([
      2, 2, 2,
    ]);
    expect(coalesce([at('a', T, same), at('a', T, { content: { hash: 'x', models: ['b'] } })])).toEqual([
      0, 1,
    ]);
    expect(coalesce([at('a', T, { ...same, isReject: true }), at('a', T, same)])).toEqual([0, 1]);
    expect(coalesce([at('a', T - 9n, { content: 'old' }), at('a', T, same), at('a', T, same)])).toEqual([
      2, 2, 2,
    ]);
  });

  it('knows the order of times only as far as they are exact', () => {
    const [older, newer] = [{ content: 'older' }, { content: 'newer' }];
    const milliseconds = (T / MS) * MS;
    // Of whole milliseconds and of microseconds: the former may be of any time within its millisecond.
    expect(coalesce([at('a', milliseconds, newer), at('a', T, older)])).toEqual([0, 1]);
    expect(coalesce([at('a', milliseconds + MS, newer), at('a', T, older)])).toEqual([0, 1]);
    expect(coalesce([at('a', milliseconds + 2n * MS, newer), at('a', T, older)])).toEqual([0, 0]);
    expect(coalesce([at('a', milliseconds + MS, newer), at('a', milliseconds, older)])).toEqual([0, 0]);
    // Of whole seconds, as DynamoDB Streams has them.
    expect(coalesce([at('a', SECOND, newer), at('a', T, older)])).toEqual([0, 1]);
    expect(coalesce([at('a', SECOND + 2_000_000n, newer), at('a', T, older)])).toEqual([0, 0]);
  });

  it('goes by sequence numbers where times are of one second, as the big numbers they are', () => {
    const numbered = (changeNumber: bigint | undefined, time: bigint | undefined = SECOND) =>
      at('a', time, { changeNumber, content: changeNumber });
    const big = 10n ** 39n;
    const content = (value: unknown) => ({ content: String(value) });
    const coalesced = (changes: readonly Change[]) =>
      coalesce(changes.map((change) => ({ ...change, ...content(change.changeNumber) })));
    expect(coalesced([numbered(big + 2n), numbered(big + 1n), numbered(big - 1n)])).toEqual([0, 0, 0]);
    expect(coalesced([numbered(2n, undefined), numbered(1n, undefined)])).toEqual([0, 0]);
    expect(coalesced([numbered(9n), numbered(10n)])).toEqual([1, 1]);
    expect(coalesced([numbered(2n), numbered(undefined)])).toEqual([0, 1]);
    expect(coalesced([numbered(2n), numbered(1n, SECOND + 1_000_000n)])).toEqual([1, 1]);
  });

  it('lets records that cannot be read stand for themselves', () => {
    expect(coalesce([at(undefined), at('a'), at(undefined)])).toEqual([0, 1, 2]);
  });

  const micros = fc.oneof(
    fc.bigInt({ min: T, max: T + 3n }),
    fc.bigInt({ min: 0n, max: 3n }).map((step) => (T / MS + step) * MS),
    fc.bigInt({ min: 0n, max: 2n }).map((step) => SECOND + step * 1_000_000n),
  );
  const change = fc.record({
    item: fc.constantFrom('a', 'b', undefined),
    createdMicros: fc.option(micros, { nil: undefined }),
    changeNumber: fc.option(fc.bigInt({ min: 0n, max: 3n }), { nil: undefined }),
    content: fc.constantFrom('x', 'y', undefined),
    isReject: fc.boolean(),
  });

  it('has a stand-in that stands for itself, is of the same item and is no reject', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const standIns = coalesce(changes);
        for (const [index, { item }] of changes.entries()) {
          const standIn = standIns[index] ?? -1;
          expect(standIns[standIn]).toBe(standIn);
          expect(changes[standIn]?.item).toBe(item);
          if (standIn === index) continue;
          expect(item).toBeDefined();
          expect(changes[standIn]?.isReject).toBe(false);
        }
      }),
    );
  });

  it('never lets a change stand for one that may be newer, whatever the exactness of their times', () => {
    // True times, of which records tell what they can.
    const told = fc.record({
      time: fc.bigInt({ min: 0n, max: 3_000_000n }).map((after) => SECOND + after),
      unit: fc.constantFrom(1n, MS, 1_000_000n, undefined),
    });
    fc.assert(
      fc.property(fc.array(told, { maxLength: 8 }), (tolds) => {
        const standIns = coalesce(
          tolds.map(({ time, unit }, index) =>
            at('a', unit === undefined ? undefined : (time / unit) * unit, { content: index }),
          ),
        );
        for (const [index, { time }] of tolds.entries())
          expect(tolds[standIns[index] ?? -1]?.time).toBeGreaterThanOrEqual(time);
        // So the newest stands for itself.
        const newest = tolds.reduce((most, { time }) => (time > most ? time : most), 0n);
        for (const [index, { time }] of tolds.entries()) {
          const isOnly = tolds.filter((other) => other.time === newest).length === 1;
          if (time === newest && isOnly) expect(standIns[index]).toBe(index);
        }
      }),
    );
  });

  it('takes no longer for a batch that is all about one item', () => {
    const changes = Array.from({ length: 10_000 }, (_, index) =>
      at('a', T + BigInt(index % 7), { content: index }),
    );
    const standIns = new Set(coalesce(changes));
    expect([...standIns].every((index) => index % 7 === 6)).toBe(true);
  });
});
