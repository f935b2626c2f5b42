/** Passes each n-gram of a text to a callback, as often as it occurs. */
export type EachNgram = (give: (ngram: string) => void) => void;

/** The shortest and the longest n. */
export type NgramRange = readonly [shortest: number, longest: number];

/** N-grams of words, joined by spaces. If the longest n is 1 they are the words, regardless of the shortest n. */
export const wordNgrams =
  (words: readonly string[], [shortest, longest]: NgramRange): EachNgram =>
  (give) => {
    if (longest === 1) {
      words.forEach(give);
      return;
    }
    for (let start = 0; start < words.length; start += 1) {
      let ngram = words[start] ?? '';
      if (shortest === 1) give(ngram);
      for (let n = 2; n <= longest && start + n <= words.length; n += 1) {
        ngram += ` ${words[start + n - 1] ?? ''}`;
        if (n >= shortest) give(ngram);
      }
    }
  };

/** N-grams of characters: of code points, as Python counts them. */
export const characterNgrams =
  (text: string, [shortest, longest]: NgramRange): EachNgram =>
  (give) => {
    const { offsets, length } = charactersOf(text);
    for (let n = shortest; n <= Math.min(longest, length); n += 1) {
      for (let start = 0; start + n <= length; start += 1)
        give(text.slice(offsets?.[start] ?? start, offsets?.[start + n] ?? start + n));
    }
  };

/** N-grams of characters within words, with a space before and after; a word that is too short counts once. */
export const wordBoundaryNgrams =
  (words: readonly string[], [shortest, longest]: NgramRange): EachNgram =>
  (give) => {
    for (const word of words) {
      const padded = ` ${word} `;
      const { length } = charactersOf(padded);
      characterNgrams(padded, [shortest, Math.min(longest, length - 1)])(give);
      if (longest >= length) give(padded);
    }
  };

const SURROGATE = /[\ud800-\udfff]/;

/** The number of characters of a text, and their start indexes, unless each is one code unit. */
const charactersOf = (text: string) => {
  if (!SURROGATE.test(text)) return { length: text.length, offsets: undefined };
  const offsets = [0];
  for (const character of text) offsets.push((offsets.at(-1) ?? 0) + character.length);
  return { length: offsets.length - 1, offsets };
};
