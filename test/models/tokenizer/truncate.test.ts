import fc from 'fast-check';
import { keptLengths } from '../../../src/models/tokenizer/tokenizer.ts';

describe('keptLengths', () => {
  it.each([
    ['all of what fits', [3, 4], 7, [3, 4]],
    ['less of the longer one', [3, 9], 7, [3, 4]],
    ['less of the longer one, if it is the first', [9, 3], 7, [4, 3]],
    ['the same of both, if both are too long', [9, 8], 6, [3, 3]],
    ['one more of the longer one, if that is uneven', [9, 8], 7, [4, 3]],
    ['one more of the second, if they are alike', [8, 8], 7, [3, 4]],
    ['as much of a single text as fits', [9, 0], 7, [7, 0]],
  ] as const)('keeps %s', (_, lengths, room, kept) => {
    expect(keptLengths(lengths, room)).toEqual(kept);
  });

  it('fills the room and never makes anything longer', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.nat(60), (first, second, room) => {
        const [a, b] = keptLengths([first, second], room);
        expect(a + b).toBe(Math.min(room, first + second));
        expect(a).toBeLessThanOrEqual(first);
        expect(b).toBeLessThanOrEqual(second);
      }),
    );
  });
});
