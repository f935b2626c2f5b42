import { must } from '../errors.ts';
import { codePoints } from './code-points.ts';
import type { Span, SpanSettings } from './question-answering.ts';

/** The tokens of a context: for each, the part of the context that it stands for and the word that it belongs to. */
export interface ContextTokens {
  readonly context: string;
  /** Indices into the context (UTF-16 code units): of a token's first character, and after its last one. */
  readonly starts: ArrayLike<number>;
  readonly ends: ArrayLike<number>;
  /** The word of each token, counted from 0. */
  readonly words: ArrayLike<number>;
}

/** What a model gave for a window: the question and a part of the context. */
export interface WindowLogits {
  /** One per token of the run, special tokens included; the first is the one of "no answer" (`[CLS]`). */
  readonly start: Float32Array;
  readonly end: Float32Array;
  /** The token of the run that is the first of the context's, and which of the context's it is. */
  readonly row: number;
  readonly first: number;
  /** How many tokens of the context the window has. */
  readonly count: number;
}

/** Tokens of the context, the last one included, or the empty answer (`undefined`), and how good it is. */
interface Candidate {
  readonly tokens: Tokens | undefined;
  readonly score: number;
}

interface Tokens {
  readonly from: number;
  readonly to: number;
}

/** A part of the context: indices of its first code unit (UTF-16), and after its last one. */
interface Place {
  readonly start: number;
  readonly end: number;
}

interface Placed extends Place {
  readonly score: number;
}

/** Of the empty answer. */
const NOWHERE: Place = { start: 0, end: 0 };

const TOP_K = 1;
const MAX_ANSWER_LENGTH = 15;
/** How many spans share the probability (`n_best_size` of SQuAD's and Hugging Face's examples). */
const N_BEST = 20;

/**
 * The best spans of a context, best first.
 *
 * @param windows at least one, which together have every token of the context
 * @returns as many as `topK`, or all that there are; none where the context has no token
 */
export const bestSpans = (
  tokens: ContextTokens,
  windows: readonly WindowLogits[],
  settings: SpanSettings = {},
): readonly Span[] =>
  settings.scores === 'windows'
    ? bestOfWindows(tokens, windows, settings)
    : bestOfContext(tokens, windows, settings);

/** By the sum of the logits of start and end, which is comparable between windows; a softmax over the best of them. */
const bestOfContext = (
  context: ContextTokens,
  windows: readonly WindowLogits[],
  { topK = TOP_K, maxAnswerLength = MAX_ANSWER_LENGTH, handleImpossible, alignToWords }: SpanSettings,
): readonly Span[] => {
  const most = Math.max(N_BEST, topK);
  const best = windows.flatMap((window) =>
    bestTokens(window, window.start, window.end, (start, end) => start + end, most, maxAnswerLength),
  );
  const none = Math.min(...windows.map(({ start, end }) => (start[0] ?? 0) + (end[0] ?? 0)));
  if (handleImpossible === true) best.push({ tokens: undefined, score: none });
  const ranked = best.sort((one, other) => other.score - one.score);
  // Windows overlap: of a span that two of them have, the better one counts.
  const distinct = distinctBy(ranked, ({ tokens }) => `${tokens?.from} ${tokens?.to}`).slice(0, most);
  const highest = distinct[0]?.score ?? 0;
  const powers = distinct.map(({ score }) => Math.exp(score - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  const placed = distinct.map(({ tokens }, index) => ({
    ...placeOf(context, tokens, alignToWords),
    score: must(powers[index], 'power') / sum,
  }));
  return distinctBy(placed, ({ start, end }) => `${start} ${end}`)
    .slice(0, topK)
    .map((place) => spanAt(context, place));
};

/**
 * As Hugging Face's pipeline does it: the probability of a span is the product of those of its start and end within
 * their own window. Spans with the same text count as one, with the sum of their probabilities.
 *
 * @see https://github.com/huggingface/transformers/blob/v5.2.0/src/transformers/pipelines/question_answering.py
 */
const bestOfWindows = (
  context: ContextTokens,
  windows: readonly WindowLogits[],
  { topK = TOP_K, maxAnswerLength = MAX_ANSWER_LENGTH, handleImpossible, alignToWords = true }: SpanSettings,
): readonly Span[] => {
  const most = alignToWords ? topK * 2 + 10 : topK;
  const byText = new Map<string, Placed>();
  let none = Number.POSITIVE_INFINITY;
  for (const window of windows) {
    const [start, end] = [probabilities(window, window.start), probabilities(window, window.end)];
    none = Math.min(none, (start[0] ?? 0) * (end[0] ?? 0));
    for (const { tokens, score } of bestTokens(window, start, end, (s, e) => s * e, most, maxAnswerLength)) {
      const place = placeOf(context, tokens, alignToWords, window);
      const key = textAt(context, place).toLowerCase();
      const known = byText.get(key);
      byText.set(key, known === undefined ? { ...place, score } : { ...known, score: known.score + score });
    }
  }
  const placed = [...byText.values()];
  if (handleImpossible === true) placed.push({ ...NOWHERE, score: none });
  return placed
    .sort((one, other) => other.score - one.score)
    .slice(0, topK)
    .map((place) => spanAt(context, place));
};

/** Of the first token and those of the context; 0 for all others. */
const probabilities = ({ row, count }: WindowLogits, logits: Float32Array): Float64Array => {
  const own = [0, ...Array.from({ length: count }, (_, index) => row + index)];
  const largest = own.reduce((max, index) => Math.max(max, logits[index] ?? 0), Number.NEGATIVE_INFINITY);
  const all = new Float64Array(logits.length);
  let sum = 0;
  for (const index of own) sum += all[index] = Math.exp((logits[index] ?? 0) - largest);
  return all.map((power) => power / sum);
};

/**
 * The best spans of a window, best first, of equals the first.
 *
 * @param scoreOf of a span, by the values of its first and last token
 */
const bestTokens = (
  { row, first, count }: WindowLogits,
  starts: ArrayLike<number>,
  ends: ArrayLike<number>,
  scoreOf: (start: number, end: number) => number,
  most: number,
  maxLength: number,
): Candidate[] => {
  const best: Candidate[] = [];
  for (let from = 0; from < count; from += 1) {
    const start = starts[row + from] ?? 0;
    const after = Math.min(count, from + maxLength);
    for (let to = from; to < after; to += 1) {
      const score = scoreOf(start, ends[row + to] ?? 0);
      if (best.length === most && score <= must(best.at(-1), 'candidate').score) continue;
      const place = best.findIndex((other) => other.score < score);
      best.splice(place === -1 ? best.length : place, 0, {
        tokens: { from: first + from, to: first + to },
        score,
      });
      if (best.length > most) best.pop();
    }
  }
  return best;
};

const distinctBy = <Value>(values: readonly Value[], keyOf: (value: Value) => string): readonly Value[] => {
  const seen = new Set<string>();
  return values.filter((value) => {
    const key = keyOf(value);
    return !seen.has(key) && seen.add(key);
  });
};

/** Where tokens are in the context. @param within the window that words are not widened beyond */
const placeOf = (
  { words, starts, ends }: ContextTokens,
  tokens: Tokens | undefined,
  alignToWords = true,
  within?: WindowLogits,
): Place => {
  if (tokens === undefined) return NOWHERE;
  const { from, to } = alignToWords ? wholeWords(words, tokens, within) : tokens;
  return { start: must(starts[from], 'start'), end: must(ends[to], 'end') };
};

const textAt = ({ context }: ContextTokens, { start, end }: Place): string => context.slice(start, end);

const spanAt = (context: ContextTokens, { score, ...place }: Placed): Span => {
  const answer = textAt(context, place);
  const start = codePoints(context.context, place.start);
  return { answer, score, start, end: start + codePoints(answer) };
};

/** The tokens from the first of the word that a span begins in to the last of the one that it ends in. */
const wholeWords = (words: ArrayLike<number>, { from, to }: Tokens, within?: WindowLogits): Tokens => {
  const [least, most] =
    within === undefined ? [0, words.length - 1] : [within.first, within.first + within.count - 1];
  let [first, last] = [from, to];
  while (first > least && words[first - 1] === words[from]) first -= 1;
  while (last < most && words[last + 1] === words[to]) last += 1;
  return { from: first, to: last };
};
