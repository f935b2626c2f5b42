import fc from 'fast-check';
import { coalesce } from '../../src/pipeline/coalesce.ts';

const at = (item: string | undefined, createdMicros?: bigint) => ({ item, createdMicros });

describe('coalesce', () => {
  it('lets the change made last stand for all of its item, wherever it is in the batch', () => {
    expect(coalesce([at('a', 1n), at('b', 5n), at('a', 3n), at('a', 2n)])).toEqual([2, 1, 2, 2]);
  });

  it('takes the last in the batch where times are equal or unknown', () => {
    expect(coalesce([at('a', 1n), at('a', 1n), at('b'), at('b', 1n), at('b')])).toEqual([1, 1, 4, 4, 4]);
  });

  it('goes by sequence numbers where times are equal, as the big numbers they are', () => {
    const numbered = (changeNumber: bigint | undefined, createdMicros: bigint | undefined = 1n) => ({
      ...at('a', createdMicros),
      changeNumber,
    });
    const big = 10n ** 39n;
    expect(coalesce([numbered(big + 2n), numbered(big + 1n), numbered(big - 1n)])).toEqual([0, 0, 0]);
    expect(coalesce([numbered(2n, undefined), numbered(1n, undefined)])).toEqual([0, 0]);
    expect(coalesce([numbered(9n), numbered(10n)])).toEqual([1, 1]);
    expect(coalesce([numbered(2n), numbered(undefined)])).toEqual([1, 1]);
    expect(coalesce([numbered(2n, 1n), numbered(1n, 2n)])).toEqual([1, 1]);
  });

  it('leaves to the store what is of one time and of different texts or models', () => {
    const tied = (content: unknown, changeNumber?: bigint) => ({
      ...at('a', 2n),
      content,
      changeNumber,
    });
    expect(coalesce([tied('x'), tied('y'), tied('y'), { ...at('a', 1n), content: 'z' }])).toEqual([
      0, 2, 2, 2,
    ]);
    expect(coalesce([tied('x'), tied(undefined)])).toEqual([0, 1]);
    expect(coalesce([tied('x', 2n), tied('y', 1n)])).toEqual([0, 0]);
    expect(coalesce([tied({ hash: 'x', models: ['a'] }), tied({ hash: 'x', models: ['b'] })])).toEqual([
      0, 1,
    ]);
    expect(coalesce([tied({ hash: 'x', models: ['a'] }), tied({ hash: 'x', models: ['a'] })])).toEqual([
      1, 1,
    ]);
  });

  it('lets records that cannot be read stand for themselves', () => {
    expect(coalesce([at(undefined), at('a'), at(undefined)])).toEqual([0, 1, 2]);
  });

  it('gives every change of an item one and the same stand-in, which no change of the item is newer than', () => {
    const change = fc.record({
      item: fc.constantFrom('a', 'b', undefined),
      createdMicros: fc.bigInt({ min: 0n, max: 4n }),
    });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const standIns = coalesce(changes);
        for (const [index, { item, createdMicros }] of changes.entries()) {
          const standIn = changes[standIns[index] ?? -1];
          expect(standIn?.item).toBe(item);
          if (item === undefined) expect(standIns[index]).toBe(index);
          else expect(standIn?.createdMicros).toBeGreaterThanOrEqual(createdMicros);
          expect(standIns[standIns[index] ?? -1]).toBe(standIns[index]);
        }
      }),
    );
  });
});
