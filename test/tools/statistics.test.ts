import fc from 'fast-check';
import { calibrationOf, mcNemar, proportion } from '../../src/tools/statistics.ts';

describe('a proportion', () => {
  // Published figures: Newcombe 1998, table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i is between %f and %f', (count, of, least, most) => {
    const found = proportion(count, of);
    expect(found.value).toBeCloseTo(count / of, 10);
    expect(found.least).toBeCloseTo(least, 4);
    expect(found.most).toBeCloseTo(most, 4);
  });
});

/** The two-sided tail, added up in whole numbers. */
const exact = (few: number, of: number): number => {
  let [ways, sum] = [1n, 1n];
  for (let successes = 1n; successes <= BigInt(few); successes += 1n) {
    ways = (ways * (BigInt(of) - successes + 1n)) / successes;
    sum += ways;
  }
  return Math.min(1, (2 * Number((sum * 10n ** 15n) / 2n ** BigInt(of))) / 1e15);
};

describe("McNemar's test", () => {
  it('is the tail of a binomial distribution, whichever model comes first', () => {
    const count = fc.nat({ max: 300 });
    fc.assert(
      fc.property(count, count, (one, other) => {
        expect(mcNemar(one, other)).toBeCloseTo(exact(Math.min(one, other), one + other), 10);
        expect(mcNemar(one, other)).toBe(mcNemar(other, one));
      }),
    );
  });

  it('says nothing of models without a difference, and much of many differences on one side', () => {
    expect(mcNemar(0, 0)).toBe(1);
    expect(mcNemar(100_000, 100_000)).toBeGreaterThan(0.9);
    expect(mcNemar(0, 100_000)).toBe(0);
  });
});

describe('the calibration error', () => {
  const answers = (score: number, right: number, of: number) =>
    Array.from({ length: of }, (_, index) => ({ score, isRight: index < right }));

  it('is the distance of scores from accuracies, by their number', () => {
    const { expectedError, bins } = calibrationOf([...answers(0.9, 50, 100), ...answers(0.2, 20, 100)]);
    expect(expectedError).toBeCloseTo((0.4 + 0) / 2, 10);
    expect(bins.map(({ count, accuracy }) => [count, accuracy])).toEqual([
      [100, 0.2],
      [100, 0.5],
    ]);
  });

  it('is 0 of no answers, and has every answer in a bin, whatever its score', () => {
    expect(calibrationOf([])).toEqual({ expectedError: 0, bins: [] });
    const answer = fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), isRight: fc.boolean() });
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1 }), (some) => {
        const { expectedError, bins } = calibrationOf(some);
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(some.length);
        expect(expectedError).toBeGreaterThanOrEqual(0);
        expect(expectedError).toBeLessThanOrEqual(1);
        for (const { least, most, confidence } of bins)
          expect([confidence >= least - 1e-9, confidence <= most + 1e-9]).toEqual([true, true]);
      }),
    );
  });
});
