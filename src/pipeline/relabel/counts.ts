import type { Outcome } from '../outcome.ts';

/** What was seen of items, each once. */
export const STATES = [
  /** It bears the model's label, or error, for the text that it holds. */
  'current',
  /** It holds no text, nor the label of one. */
  'noText',
  /** It names other models. */
  'otherModel',
  /** What it names or holds cannot be read: nothing can be written to it. */
  'invalid',
  /** Its label is of another model or version, or for a text that it no longer holds. */
  'stale',
  /** It has neither a label nor an error. */
  'missing',
] as const;

export type ItemState = (typeof STATES)[number];

/** How the chosen items ended, each once. */
export const ENDS = ['labelled', 'cleared', 'unchanged', 'superseded', 'rejected', 'failed'] as const;

export type End = Exclude<Outcome['kind'], 'skipped'>;

/**
 * What became of items. Nothing is unaccounted for: the states add up to `examined`; `labelled`, `cleared`, `unchanged`,
 * `superseded`, `rejected` and `failed` to `chosen`.
 */
export type RelabelCounts = Readonly<Record<'examined' | 'chosen' | ItemState | End, number>>;

const KEYS: readonly (keyof RelabelCounts)[] = ['examined', 'chosen', ...STATES, ...ENDS];

const counted = (count: (key: keyof RelabelCounts) => number): RelabelCounts =>
  Object.fromEntries(KEYS.map((key) => [key, count(key)])) as RelabelCounts;

export const NOTHING: RelabelCounts = counted(() => 0);

export const sumOf = (one: RelabelCounts, other: RelabelCounts): RelabelCounts =>
  counted((key) => one[key] + other[key]);

export const countsOf = (states: readonly ItemState[], ends: readonly End[]): RelabelCounts => {
  const counts: Record<string, number> = { ...NOTHING, examined: states.length, chosen: ends.length };
  for (const key of [...states, ...ends]) counts[key] = (counts[key] ?? 0) + 1;
  return counts as RelabelCounts;
};

export type Access = 'read' | 'write';

/** Capacity units that calls have consumed. */
export type Consumed = Readonly<Record<Access, number>>;
