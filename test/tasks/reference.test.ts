import fc from 'fast-check';
import { answerTally, populationStabilityIndex, referenceOf } from '../../src/tasks/reference.ts';

const counts = fc
  .dictionary(fc.constantFrom('a', 'b', '<c>', '👩‍👩‍👧', '__proto__x'), fc.nat(10_000), { minKeys: 1 })
  .map((all) => new Map(Object.entries(all)));

describe('the population stability index', () => {
  it('is 0 of a distribution and itself, the same both ways, and never below 0', () => {
    fc.assert(
      fc.property(counts, counts, (one, other) => {
        const index = populationStabilityIndex(one, other);
        expect(populationStabilityIndex(one, one)).toBeCloseTo(0, 10);
        expect(index).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(index)).toBe(true);
        expect(populationStabilityIndex(other, one)).toBeCloseTo(index, 10);
      }),
    );
  });

  it('is that of the literature where there are many of each', () => {
    // (0.6 − 0.5) ln(0.6 ÷ 0.5) + (0.4 − 0.5) ln(0.4 ÷ 0.5)
    const [even, moved] = [
      new Map(Object.entries({ a: 5e6, b: 5e6 })),
      new Map(Object.entries({ a: 6e6, b: 4e6 })),
    ];
    expect(populationStabilityIndex(even, moved)).toBeCloseTo(0.1 * Math.log(1.2) - 0.1 * Math.log(0.8), 5);
  });
});

it('a tally counts every answer once, and only scores from 0 to 1', () => {
  const answer = fc.record({
    label: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
    score: fc.double(),
  });
  fc.assert(
    fc.property(
      fc.array(answer, { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (answers, below) => {
        const tally = answerTally(below);
        for (const { label, score } of answers) tally.add(label, score);
        const { texts, confidence, labels = {} } = referenceOf(tally.read());
        const scored = answers.filter(({ score }) => score >= 0 && score <= 1);
        const labelled = answers.filter(({ label }) => label !== undefined);
        expect(texts).toBe(answers.length);
        expect(Object.values(labels).reduce((sum, count) => sum + count, 0)).toBe(labelled.length);
        expect(confidence === undefined).toBe(scored.length === 0);
        if (confidence === undefined) return;
        const low = scored.filter(({ score }) => score < below).length;
        expect(confidence.share).toBeCloseTo(low / scored.length, 3);
        tally.clear();
        expect(tally.read().texts).toBe(0);
      },
    ),
  );
});
