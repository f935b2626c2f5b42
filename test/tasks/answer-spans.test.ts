import fc from 'fast-check';
import { bestSpans, type ContextTokens, type WindowLogits } from '../../src/tasks/answer-spans.ts';
import { windowsOf } from '../../src/models/tokenizer/windows.ts';

/** A context of words of two tokens, `ab cd …`, a token for each letter. */
const contextOf = (words: readonly string[]): ContextTokens => {
  const context = words.join(' ');
  const letters = [...context.matchAll(/\S/gu)];
  return {
    context,
    starts: letters.map(({ index }) => index),
    ends: letters.map(({ index, 0: letter }) => index + letter.length),
    words: letters.map(({ index }) => context.slice(0, index).split(' ').length - 1),
  };
};

const QUESTION = 3;

/** Windows over the tokens, each after a question of three tokens: the logits of a token are the same in all of them. */
const windowed = (
  start: readonly number[],
  end: readonly number[],
  room = start.length,
  stride = 0,
): readonly WindowLogits[] =>
  windowsOf(start.length, room, stride).map(({ first, count }) => {
    const row = (logits: readonly number[]) =>
      Float32Array.of(...Array<number>(QUESTION).fill(9), ...logits.slice(first, first + count), 9);
    return { start: row(start), end: row(end), row: QUESTION, first, count };
  });

const CONTEXT = contextOf(['aa', 'bb', 'cc']);
const START = [0, 0, 5, 0, 0, 1];
const END = [0, 0, 0, 4, 0, 2];

describe('the best spans of a context', () => {
  it('are parts of it, the best first, with the probability among them', () => {
    const [best, second] = bestSpans(CONTEXT, windowed(START, END), { topK: 2 });
    expect(best).toMatchObject({ answer: 'bb', start: 3, end: 5 });
    expect(second).toMatchObject({ answer: 'bb cc', start: 3, end: 8 });
    expect(best?.score).toBeGreaterThan(second?.score ?? 1);
  });

  it('are widened to whole words, or not', () => {
    const [start, end] = [
      [0, 0, 0, 5, 0, 0],
      [0, 0, 0, 5, 0, 0],
    ];
    expect(bestSpans(CONTEXT, windowed(start, end))[0]).toMatchObject({ answer: 'bb', start: 3, end: 5 });
    expect(bestSpans(CONTEXT, windowed(start, end), { alignToWords: false })[0]).toMatchObject({
      answer: 'b',
      start: 4,
      end: 5,
    });
  });

  it('are no longer than asked', () => {
    const [start, end] = [
      [9, 0, 0, 0, 0, 0],
      [0, 0, 1, 0, 0, 9],
    ];
    expect(bestSpans(CONTEXT, windowed(start, end))[0]).toMatchObject({ answer: 'aa bb cc' });
    expect(bestSpans(CONTEXT, windowed(start, end), { maxAnswerLength: 3 })[0]).toMatchObject({
      answer: 'aa bb',
    });
  });

  it('count characters as Unicode code points', () => {
    const context = contextOf(['💳💳', 'bb']);
    const [span] = bestSpans(context, windowed([0, 0, 5, 0], [0, 0, 0, 5]));
    expect(span).toMatchObject({ answer: 'bb', start: 3, end: 5 });
  });

  it.each(['contexts', 'windows'] as const)('may be that there is none, by the scores of %s', (scores) => {
    const logits = windowed([0, 0, 1, 0, 0, 0], [0, 0, 1, 0, 0, 0]);
    expect(bestSpans(CONTEXT, logits, { scores })[0]?.answer).toBe('bb');
    expect(bestSpans(CONTEXT, logits, { scores, handleImpossible: true })[0]).toMatchObject({
      answer: '',
      start: 0,
      end: 0,
    });
  });

  it('of windows add up where their text is the same', () => {
    const context = contextOf(['aa', 'aa']);
    const logits = windowed([3, 0, 3, 0], [0, 3, 0, 3]);
    const [both, ...others] = bestSpans(context, logits, { scores: 'windows', topK: 5 });
    expect(both).toMatchObject({ answer: 'aa', start: 0, end: 2 });
    expect(others.map(({ answer }) => answer)).not.toContain('aa');
    const e = Math.exp;
    const sum = e(9) + 2 * e(3) + 2;
    expect(both?.score).toBeGreaterThan((2 * e(6)) / sum ** 2);
  });

  it('are none in a context without tokens', () => {
    expect(bestSpans(contextOf([]), windowed([], []))).toEqual([]);
  });

  const logit = fc.integer({ min: -40, max: 40 }).map((tenths) => tenths / 8);
  const tokens = fc
    .array(fc.tuple(logit, logit), { minLength: 1, maxLength: 24 })
    .map((pairs) => ({ start: pairs.map(([s]) => s), end: pairs.map(([, e]) => e) }));

  it('are those with the largest sums of logits, however the context is divided', () => {
    fc.assert(
      fc.property(
        tokens,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 12 }),
        ({ start, end }, maxAnswerLength, more) => {
          const context = contextOf(start.map((_, index) => String.fromCodePoint(0x4e00 + index)));
          // Windows overlap by as much as an answer may have, so that each answer is whole in one of them.
          const windows = windowed(start, end, maxAnswerLength + 1 + more, maxAnswerLength);
          const [best] = bestSpans(context, windows, { maxAnswerLength });
          const sums = start.flatMap((from, first) =>
            end.slice(first, first + maxAnswerLength).map((to) => from + to),
          );
          const found = best?.answer.split(' ').map((word) => (word.codePointAt(0) ?? 0) - 0x4e00) ?? [];
          expect((start[found[0] ?? -1] ?? 0) + (end[found.at(-1) ?? -1] ?? 0)).toBe(Math.max(...sums));
          expect(context.context.slice(best?.start, best?.end)).toBe(best?.answer);
        },
      ),
    );
  });

  it('share a probability of one', () => {
    fc.assert(
      fc.property(tokens, ({ start, end }) => {
        const context = contextOf(start.map(() => 'a'));
        const spans = bestSpans(context, windowed(start, end), { topK: 1_000 });
        const total = spans.reduce((sum, { score }) => sum + score, 0);
        expect(total).toBeCloseTo(1, 9);
        expect(spans.map(({ score }) => score)).toEqual(
          spans.map(({ score }) => score).toSorted((a, b) => b - a),
        );
      }),
    );
  });
});
