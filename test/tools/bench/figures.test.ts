import * as fc from 'fast-check';
import { isMet, ratioOf, type Section } from '../../../src/tools/report/section.ts';
import { median, takeTurns } from '../../../src/tools/bench/rounds.ts';
import { chunks } from '../../../src/tools/chunks.ts';
import { completedSpans, exclusiveTimes, type Span } from '../../../src/tools/bench/sections/stages.ts';
import { sectionText } from '../../../src/tools/report/terminal.ts';
import { mixedLengths, sample } from '../../../src/tools/bench/texts.ts';

describe('a figure', () => {
  it.each([
    [{ atLeast: 3 }, 3, true],
    [{ atLeast: 3 }, 2.999, false],
    [{ atMost: 900 }, 900, true],
    [{ atMost: 900 }, 900.1, false],
    [{ moreThan: 0.5 }, 0.5, false],
    [{ moreThan: 0.5 }, 0.51, true],
  ])('with the target %j is met or not at %d: %s', (target, value, met) => {
    expect(isMet({ name: 'x', value, target })).toBe(met);
  });

  it('without a target is neither met nor missed, and without one of its measures is none', () => {
    expect(isMet({ name: 'x', value: 1 })).toBeUndefined();
    expect(ratioOf('x', 3, undefined)).toEqual([]);
    expect(ratioOf('x', 3, 2, { atLeast: 1 })).toEqual([{ name: 'x', value: 1.5, target: { atLeast: 1 } }]);
  });
});

describe('a section', () => {
  const section: Section = {
    id: 'x',
    title: 'Speed',
    ratios: [
      { name: 'ours over theirs', value: 2.345, target: { atLeast: 3 } },
      { name: 'time', value: 812.4, unit: 'ms', target: { atMost: 900 } },
    ],
    columns: [
      { key: 'name', head: 'contender' },
      { key: 'speed', head: 'records/s' },
      { key: 'share', head: 'share', digits: 2 },
    ],
    rows: [{ name: 'ours', speed: 12_345.6, share: null }],
    notes: ['measured at night'],
  };

  it('shows its ratios first, each with its target and whether it is met, then its figures, then its notes', () => {
    const lines = sectionText(section).split('\n');
    const at = (...parts: readonly string[]): number =>
      lines.findIndex((line) => parts.every((part) => line.includes(part)));
    const order = [
      at('Speed'),
      at('ours over theirs', '2.35', '≥ 3', 'NO'),
      at('time', '812 ms', '≤ 900 ms', 'yes'),
      at('contender', 'records/s', 'share'),
      at('ours', '12,346', '–'),
      at('measured at night'),
    ];
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
});

describe('rounds', () => {
  it('let contenders take turns, and count the median after the warm-up, their own measure where they give one', async () => {
    const turns: string[] = [];
    const measures = [900, 3, 1, 2];
    const times = await takeTurns(
      {
        own: async () => {
          turns.push('own');
          return measures.shift();
        },
        clock: async () => {
          turns.push('clock');
          await new Promise((resolve) => setTimeout(resolve, 5));
          return undefined;
        },
      },
      { rounds: 3 },
    );
    expect(turns).toEqual(Array(4).fill(['own', 'clock']).flat());
    expect(times.own).toEqual({ value: 2, rounds: [3, 1, 2] });
    expect(times.clock.value).toBeGreaterThan(4);
  });

  it('have a median of odd and even counts, and none of nothing', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 3, Number.NaN]);
  });

  it('cut lists that hold every item once, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 20 }), (items, size) => {
        const lists = chunks(items, size);
        expect(lists.flat()).toEqual(items);
        expect(lists.slice(0, -1).every(({ length }) => length === size)).toBe(true);
      }),
    );
  });
});

describe('texts', () => {
  it('are sampled evenly, in their order', () => {
    expect(sample(['a', 'b', 'c', 'd', 'e', 'f'], 3)).toEqual(['a', 'c', 'e']);
    expect(sample(['a', 'b'], 3)).toEqual(['a', 'b']);
  });

  it('of mixed lengths have every tenth ten times as long', () => {
    const mixed = mixedLengths(Array(20).fill('ab'));
    expect(mixed.map(({ length }) => length > 2)).toEqual(
      Array.from({ length: 20 }, (_, index) => index % 10 === 0),
    );
    expect(mixed[0]).toBe(Array(10).fill('ab').join(' '));
  });
});

describe('stages of a cold start', () => {
  const STAGES = ['run', 'firstRun', 'session', 'tokenizer', 'binding', 'bundle', 'files', 'batch'] as const;

  it('give each instant to the innermost stage, whatever lies within what', () => {
    const seen: Span[] = [
      ['bundle', 10, 50],
      ['binding', 20, 30],
      ['tokenizer', 60, 65],
      ['session', 80, 180],
      ['run', 190, 200],
      ['batch', 205, 300],
      ['run', 220, 280],
    ];
    expect(exclusiveTimes(completedSpans(seen), STAGES)).toEqual({
      bundle: 30,
      binding: 10,
      files: 10,
      tokenizer: 20,
      session: 100,
      firstRun: 10,
      run: 60,
      batch: 35,
    });
  });

  it('of a model without a tokenizer has files until its session', () => {
    const seen: Span[] = [
      ['bundle', 0, 10],
      ['session', 14, 20],
    ];
    expect(exclusiveTimes(completedSpans(seen), STAGES)).toMatchObject({
      files: 4,
      tokenizer: 0,
      session: 6,
    });
  });

  it('add up to what was covered, however they overlap', () => {
    const span = fc.tuple(fc.constantFrom(...STAGES), fc.nat(100), fc.nat(100));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 12 }), (raw) => {
        const spans = raw.map(([stage, a, b]): Span => [stage, Math.min(a, b), Math.max(a, b)]);
        const covered = Array.from({ length: 100 }, (_, at) => at).filter((at) =>
          spans.some(([, from, to]) => from <= at && to > at),
        ).length;
        const times = exclusiveTimes(spans, STAGES);
        expect(Object.values(times).reduce((sum, ms) => sum + ms, 0)).toBe(covered);
      }),
    );
  });
});
