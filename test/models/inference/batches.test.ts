import fc from 'fast-check';
import { planBatches } from '../../../src/models/inference/batches.ts';

describe('planBatches', () => {
  it('sorts by length and cuts by padded tokens', () => {
    expect(planBatches([5, 1, 4, 1, 30], { maxTokens: 10, maxItems: 64 })).toEqual([[1, 3], [2, 0], [4]]);
  });

  it('pads no more than it may', () => {
    expect(planBatches([3, 4, 3, 6, 4], { maxTokens: 100, maxItems: 64, maxPadding: 0 })).toEqual([
      [0, 2],
      [1, 4],
      [3],
    ]);
    expect(planBatches([3, 4, 3, 6, 4], { maxTokens: 100, maxItems: 64, maxPadding: 1 })).toEqual([
      [0, 2, 1, 4],
      [3],
    ]);
  });

  it('puts every text into one batch and keeps to the budget, a text longer than that alone', () => {
    const limits = { maxTokens: 50, maxItems: 4 };
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 80 })), (lengths) => {
        const batches = planBatches(lengths, limits);
        expect(batches.flat().toSorted((a, b) => a - b)).toEqual([...lengths.keys()]);
        for (const batch of batches) {
          const longest = Math.max(...batch.map((index) => lengths[index] ?? 0));
          expect(batch.length).toBeLessThanOrEqual(limits.maxItems);
          expect(batch.length === 1 || longest * batch.length <= limits.maxTokens).toBe(true);
        }
      }),
    );
  });
});
