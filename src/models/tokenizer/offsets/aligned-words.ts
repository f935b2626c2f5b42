import { byteCharacters } from '../tokenizer-bytes.ts';
import { split } from '../tokenizer-patterns.ts';
import { bertWord, gpt2Cutter, type PreTokenizerConfig } from '../tokenizer-pre-tokenizers.ts';

/** A word as the model takes it, and where it is in the normalized text. */
export interface AlignedWord {
  readonly text: string;
  /** The index in the normalized text (UTF-16 code units) of the unit at `index` of the word. */
  placeOf(index: number): number;
}

/** Splits a normalized text into words. */
export type AlignedPreTokenizer = (text: string) => readonly AlignedWord[];

/** @returns undefined where its type is not supported here */
export const alignedPreTokenizerOf = (
  config: PreTokenizerConfig | null | undefined,
): AlignedPreTokenizer | undefined => {
  if (config?.type === 'ByteLevel') return byteLevel(config.add_prefix_space, config.use_regex ?? true);
  if (config?.type !== 'BertPreTokenizer') return undefined;
  const word = bertWord();
  return (text) => Array.from(text.matchAll(word), ({ 0: found, index }) => wordAt(found, index));
};

const wordAt = (text: string, start: number): AlignedWord => ({ text, placeOf: (index) => start + index });

const ascii = /^[\0-\u007f]*$/;

/** A space that is added before the text has the place of its first character, as in the Rust tokenizers. */
const byteLevel = (addsSpace: boolean, splits: boolean): AlignedPreTokenizer => {
  const cut = splits ? gpt2Cutter() : undefined;
  return (text) => {
    const added = addsSpace && !text.startsWith(' ') ? 1 : 0;
    const whole = ' '.repeat(added) + text;
    const words = cut === undefined ? [whole] : split(cut(whole), 'Isolated');
    let end = -added;
    return words.map((word) => {
      const start = end;
      end += word.length;
      const bytes = byteCharacters(word);
      if (start >= 0 && ascii.test(word)) return wordAt(bytes, start);
      const places = placesOfBytes(word, start);
      return { text: bytes, placeOf: (index) => places[index] ?? NaN };
    });
  };
};

/** For each byte of a word's UTF-8 the index of its character. */
const placesOfBytes = (word: string, start: number): readonly number[] => {
  const places: number[] = [];
  let place = start;
  for (const character of word) {
    for (let count = Buffer.byteLength(character); count > 0; count -= 1) places.push(Math.max(place, 0));
    place += character.length;
  }
  return places;
};
