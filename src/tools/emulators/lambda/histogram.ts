export interface Histogram {
  add(value: number): void;
  count(): number;
  max(): number;
  /** The quantile of all values for a fraction (0..1), within one percent; 0 without values. */
  percentile(part: number): number;
}

const SMALLEST = 0.01;
const RATIO = 1.01;
// From 0.01 ms to an hour and more.
const BUCKETS = 2_048;

/** Counts values from 0.01 on in buckets that are one percent wide: percentiles in constant memory. */
export const createHistogram = (): Histogram => {
  const counts = new Uint32Array(BUCKETS);
  let count = 0;
  let max = 0;
  return {
    add: (value) => {
      const bucket = Math.ceil(Math.log(Math.max(value, SMALLEST) / SMALLEST) / Math.log(RATIO));
      const index = Math.min(bucket, BUCKETS - 1);
      counts[index] = (counts[index] ?? 0) + 1;
      count += 1;
      max = Math.max(max, value);
    },
    count: () => count,
    max: () => max,
    percentile: (part) => {
      let below = 0;
      for (const [index, n] of counts.entries()) {
        below += n;
        if (n > 0 && below >= part * count) return Math.min(max, SMALLEST * RATIO ** index);
      }
      return max;
    },
  };
};
