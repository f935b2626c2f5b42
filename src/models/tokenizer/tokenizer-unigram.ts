import { byteTokens } from './tokenizer-bytes.ts';
import type { TokenizerModel } from './tokenizer-model.ts';
import { trieOf } from './tokenizer-trie.ts';

/** A Unigram model in tokenizer.json. */
export interface UnigramConfig {
  /** Pieces with the logarithms of their probabilities; a piece's index is its id. */
  readonly vocab: readonly (readonly [piece: string, score: number])[];
  readonly unk_id?: number | null;
  /** Unknown characters become a piece for each byte, `<0x0A>`, where the vocabulary has them. */
  readonly byte_fallback?: boolean;
}

/** The penalty of an unknown character, relative to the score of the rarest piece. */
const UNKNOWN_PENALTY = 10;

/**
 * A Unigram model: of all ways to split a text into pieces, the one whose probabilities have the highest product.
 * Adjacent unknown characters are one token.
 *
 * @throws Error where it has no piece for unknown characters
 * @see https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/models/unigram/model.rs `encode_optimized`
 */
export const unigram = ({
  vocab,
  unk_id: unknownId,
  byte_fallback: fallsBack,
}: UnigramConfig): TokenizerModel => {
  if (typeof unknownId !== 'number' || vocab[unknownId] === undefined) {
    throw new Error('unk_id should be the index of a piece');
  }
  const ids = new Map(vocab.map(([piece], id) => [piece, id]));
  const pathOf = pathFinder(vocab, unknownId);

  const idsOfUnknown = (text: string): readonly number[] => {
    const id = ids.get(text);
    if (id !== undefined) return [id];
    const bytes = fallsBack ? byteTokens(text).map((token) => ids.get(token)) : [undefined];
    return bytes.every((byte) => byte !== undefined) ? bytes : [unknownId];
  };

  const idsOf = (word: string): readonly number[] => {
    const { starts, lastIds } = pathOf(word);
    const found: (number | readonly number[])[] = [];
    for (let end = word.length; end > 0;) {
      let start = starts[end] ?? 0;
      const id: number = lastIds[end] ?? unknownId;
      if (id === unknownId) {
        while (start > 0 && lastIds[start] === unknownId) start = starts[start] ?? 0;
        found.push(idsOfUnknown(word.slice(start, end)));
      } else found.push(id);
      end = start;
    }
    return found.reverse().flat();
  };
  return { size: vocab.length, idOf: (token) => ids.get(token), idsOf: (words) => words.flatMap(idsOf) };
};

/** For the best path to each position of a text: the start of its last piece, and the piece's id. */
interface Path {
  readonly starts: Int32Array;
  readonly lastIds: Int32Array;
}

/** Finds the best path through a text (Viterbi). Of equally good ones, it takes the longer last piece. */
const pathFinder = (vocab: UnigramConfig['vocab'], unknownId: number): ((text: string) => Path) => {
  const trie = trieOf(vocab.map(([piece]) => piece));
  const scores = Float64Array.from(vocab, ([, score]) => score);
  const unknownScore = scores.reduce((least, score) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY;
  // Reused for each text.
  let best = new Float64Array(0);
  let starts = new Int32Array(0);
  let lastIds = new Int32Array(0);

  const offer = (start: number, end: number, id: number, score: number): void => {
    const total = score + (best[start] ?? 0);
    if (starts[end] !== -1 && total <= (best[end] ?? 0)) return;
    best[end] = total;
    starts[end] = start;
    lastIds[end] = id;
  };

  return (text) => {
    if (best.length <= text.length) {
      best = new Float64Array(2 * text.length + 1);
      starts = new Int32Array(2 * text.length + 1);
      lastIds = new Int32Array(2 * text.length + 1);
    }
    starts.fill(-1, 0, text.length + 1);
    for (let start = 0; start < text.length;) {
      const next = start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
      let isKnown = false;
      for (let end = start + 1, node = 0; end <= text.length; end += 1) {
        node = trie.next(node, text.charCodeAt(end - 1));
        if (node === 0) break;
        const id: number = trie.numberAt(node);
        if (id === -1) continue;
        offer(start, end, id, scores[id] ?? 0);
        isKnown ||= end === next;
      }
      if (!isKnown) offer(start, next, unknownId, unknownScore);
      start = next;
    }
    return { starts, lastIds };
  };
};
