/** The highest code point whose kind is in the table; higher ones are searched for. */
const TABLE = 0x10000;

/**
 * A function of code points that is constant over runs of them: a table of those in the basic plane, a search for the
 * others.
 *
 * @param starts the code points where another value begins, ascending; before the first the value is 0
 * @param values the value from each start on, below 65,536
 */
export const runsOfCodePoints = (
  starts: readonly number[],
  values: readonly number[],
): ((point: number) => number) => {
  const table = new Uint16Array(TABLE);
  for (const [index, start] of starts.entries()) {
    if (start >= TABLE) break;
    table.fill(values[index] ?? 0, start);
  }
  return (point) => {
    if (point < TABLE) return table[point] ?? 0;
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= point) low = middle + 1;
      else high = middle;
    }
    return values[low - 1] ?? 0;
  };
};

/** Whether a code point is in a set, given as alternating starts and ends of ranges. */
export const setOfCodePoints = (bounds: readonly number[]): ((point: number) => boolean) => {
  const valueOf = runsOfCodePoints(
    bounds,
    bounds.map((_, index) => (index + 1) % 2),
  );
  return (point) => valueOf(point) === 1;
};
