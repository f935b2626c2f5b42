/** Numbers from 0 to 1, the same for the same 32-bit seed (mulberry32 by Tommy Ettinger, public domain). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** An index below `count`, drawn from `random`. */
export const below = (count: number, random: () => number): number => Math.floor(random() * count);
