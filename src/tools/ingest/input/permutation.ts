const ROUNDS = 6;

/** The finalizer of MurmurHash3 (32 bits): every bit of the input reaches every bit of the output. */
const mix = (value: number): number => {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/**
 * A seeded permutation of 0 … size - 1 that keeps no table: a Feistel network over the next even number of bits, walked
 * until it lands inside (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002). Not for secrets.
 *
 * @param size 1 to 2 ** 32.
 * @param seed 32 bits.
 * @returns index → its image; each index below `size` has an image of its own.
 */
export const permutation = (size: number, seed: number): ((index: number) => number) => {
  const half = Math.max(1, Math.ceil(Math.log2(size) / 2));
  const mask = 2 ** half - 1;
  const keys = Array.from({ length: ROUNDS }, (_, round) => mix(seed + Math.imul(round + 1, 0x9e3779b9)));
  const network = (value: number): number => {
    let left = value >>> half;
    let right = value & mask;
    for (const key of keys) [left, right] = [right, left ^ (mix(right ^ key) & mask)];
    return left * 2 ** half + right;
  };
  return (index) => {
    let image = network(index);
    while (image >= size) image = network(image);
    return image;
  };
};
