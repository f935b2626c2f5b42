import fc from 'fast-check';
import { labelTally } from '../../../../src/tools/ingest/verify/label-tally.ts';

const label = fc.constantFrom('a', 'b', '<c>', '👩‍👩‍👧');
const entry = fc.record({
  label,
  expected: fc.option(label, { nil: undefined }),
  score: fc.double({ min: 0, max: 1, noNaN: true }),
});

it('counts every label whose expected one is known once, as right or as taken for another', () => {
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const tally = labelTally();
      for (const { label: said, expected, score } of entries)
        tally.add({ label: said, score: String(score), model: 'm@1', by: undefined }, expected);
      const known = entries.filter(({ expected }) => expected !== undefined);
      const quality = tally.quality();
      if (known.length === 0) {
        expect(quality).toBeNull();
        return;
      }
      const { byLabel = [], confusions = [], calibration } = quality ?? {};
      const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
      const right = known.filter(({ label: said, expected }) => said === expected).length;
      expect(sum(byLabel.map(({ items }) => items))).toBe(known.length);
      expect(sum(byLabel.map((one) => one.right))).toBe(right);
      expect(right + sum(confusions.map(({ items }) => items))).toBe(known.length);
      expect(sum(calibration?.bins.map(({ count }) => count) ?? [])).toBe(known.length);
      expect(tally.accuracy().accuracy).toBeCloseTo(right / known.length, 10);
    }),
  );
});
