import type { Latencies, Load } from './load.ts';

/** What came of the requests, while it comes. */
export interface Answers {
  /** @param status of HTTP; 0 where there was no answer */
  add(status: number, ms: number): void;
  total(): Pick<Load, 'accepted' | 'refused' | 'failed'>;
}

export const countAnswers = (): Answers => {
  const times = new Map<number, number[]>();
  return {
    add: (status, ms) => {
      const some = times.get(status) ?? [];
      if (some.length === 0) times.set(status, some);
      some.push(ms);
    },
    total: () => ({
      accepted: latencies(times.get(200)),
      refused: latencies(times.get(429)),
      failed: [...times].reduce(
        (sum, [status, { length }]) => (status === 200 || status === 429 ? sum : sum + length),
        0,
      ),
    }),
  };
};

/** By nearest rank. */
const latencies = (times: readonly number[] = []): Latencies => {
  const sorted = Float64Array.from(times).sort();
  const at = (percent: number): number | null =>
    sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null;
  return { count: sorted.length, p50: at(50), p95: at(95), p99: at(99) };
};
