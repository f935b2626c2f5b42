/** Numbers by pairs of numbers, all of 31 bits, without objects: vocabularies have up to a million of them. */
export interface PairTable {
  /** 0 where nothing has been set. */
  get(first: number, second: number): number;
  /** @param value not 0 */
  set(first: number, second: number, value: number): void;
}

/**
 * A hash table with linear probing, at most half full.
 *
 * @param expected how many pairs there will be; it grows with more
 */
export const pairTable = (expected: number): PairTable => {
  let places = placesOf(33 - Math.clz32(expected));
  let count = 0;
  return {
    get: (first, second) => places.values[places.find(first, second)] ?? 0,
    set: (first, second, value) => {
      if (2 * count >= places.values.length) places = doubled(places);
      const place = places.find(first, second);
      if (places.values[place] === 0) count += 1;
      places.firsts[place] = first;
      places.seconds[place] = second;
      places.values[place] = value;
    },
  };
};

interface Places {
  readonly bits: number;
  readonly firsts: Int32Array;
  readonly seconds: Int32Array;
  readonly values: Int32Array;
  /** The index of a pair, or the free index for it. */
  find(first: number, second: number): number;
}

const placesOf = (bits: number): Places => {
  const size = 2 ** bits;
  const [firsts, seconds, values] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
  const find = (first: number, second: number): number => {
    let place = Math.imul(Math.imul(first, 0x9e37_79b1) ^ second, 0x85eb_ca6b) >>> (32 - bits);
    while (values[place] !== 0 && (firsts[place] !== first || seconds[place] !== second))
      place = (place + 1) & (size - 1);
    return place;
  };
  return { bits, firsts, seconds, values, find };
};

const doubled = ({ bits, firsts, seconds, values }: Places): Places => {
  const larger = placesOf(bits + 1);
  for (let old = 0; old < values.length; old += 1) {
    const value = values[old] ?? 0;
    if (value === 0) continue;
    const [first, second] = [firsts[old] ?? 0, seconds[old] ?? 0];
    const place = larger.find(first, second);
    larger.firsts[place] = first;
    larger.seconds[place] = second;
    larger.values[place] = value;
  }
  return larger;
};
