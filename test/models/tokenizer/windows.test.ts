import fc from 'fast-check';
import { windowsOf } from '../../../src/models/tokenizer/windows.ts';

describe('windows', () => {
  it('are one where all fits, and where there is nothing', () => {
    expect(windowsOf(5, 5, 2)).toEqual([{ first: 0, count: 5 }]);
    expect(windowsOf(0, 5, 2)).toEqual([{ first: 0, count: 0 }]);
  });

  it('overlap by the stride', () => {
    expect(windowsOf(10, 5, 2)).toEqual([
      { first: 0, count: 5 },
      { first: 3, count: 5 },
      { first: 6, count: 4 },
    ]);
  });

  it('have every token, and none ends before the one before it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2_000 }),
        fc.integer({ min: 1, max: 384 }),
        fc.integer({ min: 0, max: 383 }),
        (tokens, room, given) => {
          const stride = Math.min(given, room - 1);
          const windows = windowsOf(tokens, room, stride);
          let end = 0;
          for (const [index, { first, count }] of windows.entries()) {
            expect(first).toBe(index === 0 ? 0 : end - stride);
            expect(count).toBeLessThanOrEqual(room);
            end = first + count;
          }
          expect(end).toBe(tokens);
        },
      ),
    );
  });
});
