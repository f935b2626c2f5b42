import { pairTable } from './tokenizer-pairs.ts';
import { minQueue } from './tokenizer-queue.ts';

/** A pair of pieces that become one; older files have the two in one string. */
export type Merge = string | readonly [string, string];

/** Of symbols that have been merged with the one before them. */
const GONE = -1;

/** A merge's rank and its place in a word are one number, so that the lowest is the next to be done. */
const PLACES = 2 ** 24;

/**
 * Merges the symbols of a word until no merge applies: in the order of the merges, equal pairs from left to right.
 *
 * @param prefixLength the length of the prefix of pieces that continue a word; merged pieces do not have it
 * @throws Error where the vocabulary lacks a token of a merge; the returned function throws where it lacks the result
 * @see https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/models/bpe/word.rs `merge_all`
 */
export const merger = (
  merges: readonly Merge[],
  ids: ReadonlyMap<string, number>,
  prefixLength: number,
): ((symbols: readonly number[]) => readonly number[]) => {
  const ranks = pairTable(merges.length);
  merges.forEach((merge, rank) => {
    const parts = partsOf(merge);
    const left = ids.get(parts[0] ?? '');
    const right = ids.get(parts[1] ?? '');
    if (left === undefined || right === undefined) throw missing(rank);
    ranks.set(left, right, rank + 1);
  });
  const rankOf = (left: number, right: number): number => ranks.get(left, right) - 1;

  /** The result of a merge. Most are never needed. */
  const known = new Int32Array(merges.length).fill(-1);
  const mergedId = (rank: number): number => {
    if (known[rank] === -1) {
      const [first = '', second = ''] = partsOf(merges[rank] ?? '');
      const id = ids.get(first + second.slice(prefixLength));
      if (id === undefined) throw missing(rank);
      known[rank] = id;
    }
    return known[rank] ?? 0;
  };

  return (word) => {
    if (word.length < 2) return word;
    const symbols = Int32Array.from(word);
    /** The indexes of the previous and the next remaining symbol; none at the ends. */
    const previous = Int32Array.from(word, (_, place) => place - 1);
    const next = Int32Array.from(word, (_, place) => (place + 1 < word.length ? place + 1 : -1));
    const queue = minQueue();
    const offer = (left: number, right: number): void => {
      if (left === -1 || right === -1) return;
      const rank = rankOf(symbols[left] ?? 0, symbols[right] ?? 0);
      if (rank !== -1) queue.push(rank * PLACES + left);
    };
    for (let place = 0; place + 1 < word.length; place += 1) offer(place, place + 1);
    for (let first = queue.pop(); first !== undefined; first = queue.pop()) {
      const left = first % PLACES;
      const right = next[left] ?? -1;
      if (symbols[left] === GONE || right === -1) continue;
      const merged = mergedId(Math.floor(first / PLACES));
      // Skipped where one of the two has been merged since, unless the result is the same.
      const rank = rankOf(symbols[left] ?? 0, symbols[right] ?? 0);
      if (rank === -1 || mergedId(rank) !== merged) continue;
      symbols[left] = merged;
      symbols[right] = GONE;
      const behind = next[right] ?? -1;
      next[left] = behind;
      if (behind !== -1) previous[behind] = left;
      offer(previous[left] ?? -1, left);
      offer(left, behind);
    }
    return Array.from(symbols).filter((symbol) => symbol !== GONE);
  };
};

const partsOf = (merge: Merge): readonly string[] => (typeof merge === 'string' ? merge.split(' ') : merge);

const missing = (rank: number): Error =>
  new Error(`merge ${rank + 1} is of tokens that are not in the vocabulary`);
