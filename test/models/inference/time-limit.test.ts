import { TimeLimitError, withinTime } from '../../../src/models/inference/time-limit.ts';

describe('withinTime', () => {
  it('gives what work gives, and throws what it throws', () => {
    expect(withinTime(1_000, () => 5)).toBe(5);
    const error = new RangeError('no');
    expect(() =>
      withinTime(1_000, () => {
        throw error;
      }),
    ).toThrow(error);
  });

  it.each<[string, () => unknown]>([
    ['a regular expression that backtracks for ever', () => /^(a+)+$/.test(`${'a'.repeat(60)}!`)],
    [
      'a loop without an end',
      () => {
        for (;;);
      },
    ],
  ])('ends %s', (_, work) => {
    expect(() => withinTime(50, work)).toThrow(TimeLimitError);
    expect(withinTime(1_000, () => 'afterwards')).toBe('afterwards');
  });
});
