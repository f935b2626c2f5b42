import fc from 'fast-check';
import { prediction, sigmoid, softmax } from '../../src/tasks/label-scores.ts';

const scores = (...values: number[]) => Float32Array.from(values);

describe('prediction', () => {
  it('gives the most probable label, of equals the first', () => {
    expect(prediction(scores(0.1, 0.4, 0.4, 0.1), ['a', 'b', 'c', 'd'])).toEqual({
      labels: [{ label: 'b', score: Math.fround(0.4) }],
    });
  });

  it('gives as many labels as asked for, most probable first, and lists them', () => {
    const labels = [
      { label: 'b', score: expect.closeTo(0.6652, 4) },
      { label: 'c', score: expect.closeTo(0.2447, 4) },
    ];
    const activation = 'softmax';
    const options = { topK: 2, activation } as const;
    expect(prediction(scores(1, 3, 2), ['a', 'b', 'c'], options)).toEqual({ labels, listed: labels });
  });

  it.each([
    ['those that pass', { threshold: 0.5 }, ['b', 'c'], ['b', 'c']],
    ['at least one, though none passes', { threshold: 0.99 }, ['b'], []],
    ['those that pass of as many as asked for', { threshold: 0.5, topK: 1 }, ['b'], ['b']],
    ['all, those that pass listed', { threshold: 0.5, topK: null }, ['b', 'c', 'a'], ['b', 'c']],
  ])('gives of labels with a threshold %s', (_, options, labels, listed) => {
    const said = prediction(scores(-1, 3, 2), ['a', 'b', 'c'], { activation: 'sigmoid', ...options });
    const names = (given: readonly { label: string }[] = []) => given.map(({ label }) => label);
    expect('labels' in said && names(said.labels)).toEqual(labels);
    expect('labels' in said && names(said.listed)).toEqual(listed);
  });

  it('gives one label the probability that it has among all', () => {
    const values = fc.array(fc.float({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(values, fc.constantFrom('none', 'softmax', 'sigmoid'), (logits, activation) => {
        const labels = logits.map((_, index) => `${index}`);
        const one = prediction(scores(...logits), labels, { activation });
        const all = prediction(scores(...logits), labels, { activation, topK: null });
        const [best] = 'labels' in one ? one.labels : [];
        const [first] = 'labels' in all ? all.labels : [];
        expect(best).toEqual({ label: first?.label, score: first?.score });
      }),
    );
  });

  it.each([
    [Number.NaN, 'none'],
    [Number.POSITIVE_INFINITY, 'none'],
    [Number.POSITIVE_INFINITY, 'sigmoid'],
    [Number.NEGATIVE_INFINITY, 'softmax'],
  ] as const)('makes an error of a score of %p, whatever is made of it (%s)', (score, activation) => {
    expect(prediction(scores(0, score), ['a', 'b'], { activation })).toEqual({
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
    expect([...softmax(scores(-1000, 5, 6))]).toEqual([
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
