import fc from 'fast-check';
import { prediction, sigmoid, softmax } from '../../src/models/labels.ts';

const scores = (...values: number[]) => Float32Array.from(values);

describe('prediction', () => {
  it('gives the most probable label, of equals the first', () => {
    expect(prediction(scores(0.1, 0.4, 0.4, 0.1), ['a', 'b', 'c', 'd'])).toEqual({
      labels: [{ label: 'b', score: Math.fround(0.4) }],
    });
  });

  it('gives as many labels as asked for, most probable first', () => {
    expect(prediction(scores(1, 3, 2), ['a', 'b', 'c'], { topK: 2, activation: 'softmax' })).toEqual({
      labels: [
        { label: 'b', score: expect.closeTo(0.6652, 4) },
        { label: 'c', score: expect.closeTo(0.2447, 4) },
      ],
    });
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY]])('makes an error of a score of %p', (score) => {
    expect(prediction(scores(0, score), ['a', 'b'])).toEqual({
      error: expect.objectContaining({ code: 'bad-score' }),
    });
  });
});

describe('activations', () => {
  const logits = fc.array(fc.float({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 80 });

  it('softmax sums to one and keeps the order, for any logits', () => {
    fc.assert(
      fc.property(logits, (values) => {
        const input = Float32Array.from(values);
        const output = softmax(input);
        expect(output.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
        const largest = input.indexOf(Math.max(...input));
        expect(output[largest]).toBe(Math.max(...output));
      }),
    );
    expect([...softmax(scores(-100, 5, 6))]).toEqual([
      0,
      expect.closeTo(0.2689, 4),
      expect.closeTo(0.7311, 4),
    ]);
  });

  it('sigmoid stays within 0 and 1', () => {
    fc.assert(
      fc.property(logits, (values) => {
        for (const value of sigmoid(Float32Array.from(values))) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
