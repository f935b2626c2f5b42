import { pairTable } from './tokenizer-pairs.ts';

/** Strings with a number each, found unit by unit of UTF-16. Node 0 is the root. */
export interface Trie {
  /** The child of a node for a unit; 0 where it has none. */
  next(node: number, unit: number): number;
  /** The number of the string that ends at a node; -1 where none does. */
  numberAt(node: number): number;
}

/** A trie of strings, numbered in their order; of equal ones the last counts. */
export const trieOf = (strings: readonly string[]): Trie => {
  const edges = pairTable(2 * strings.length);
  let nodes = 1;
  const child = (node: number, unit: number): number => {
    const known = edges.get(node, unit);
    if (known !== 0) return known;
    edges.set(node, unit, nodes);
    return nodes++;
  };
  const ends = strings.map((string) => {
    let node = 0;
    for (let index = 0; index < string.length; index += 1) node = child(node, string.charCodeAt(index));
    return node;
  });
  const numbers = new Int32Array(nodes).fill(-1);
  for (const [number, node] of ends.entries()) numbers[node] = number;
  return { next: edges.get, numberAt: (node) => numbers[node] ?? -1 };
};
