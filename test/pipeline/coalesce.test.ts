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
