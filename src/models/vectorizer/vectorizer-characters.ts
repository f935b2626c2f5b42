import { setOfCodePoints } from './code-points.ts';
import type { LowercaseSettings, StripAccentsSettings } from './vectorizer-file.ts';

/** A vectorizer's preprocessing of a text, before it extracts n-grams. */
export type Preprocess = (text: string) => string;

const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);

const SIGMA = 'Σ';

/**
 * Python's `str.lower`, of the Python that trained the model: its Unicode version may differ from that of Node.js.
 *
 * @see https://www.unicode.org/Public/UCD/latest/ucd/SpecialCasing.txt Final_Sigma, the only rule that needs context
 */
export const lowercase = ({ map, cased, ignorable }: LowercaseSettings): Preprocess => {
  const isCased = setOfCodePoints(cased);
  const isIgnorable = setOfCodePoints(ignorable);
  const isCasedFrom = (characters: readonly string[], from: number, step: 1 | -1): boolean => {
    for (let index = from; index >= 0 && index < characters.length; index += step) {
      const point = characters[index]?.codePointAt(0) ?? 0;
      if (!isIgnorable(point)) return isCased(point);
    }
    return false;
  };
  return (text) => {
    if (isAscii(text)) return text.toLowerCase();
    const characters = [...text];
    return characters
      .map((character, index) => {
        if (character !== SIGMA) return map.get(character) ?? character;
        const isFinal = isCasedFrom(characters, index - 1, -1) && !isCasedFrom(characters, index + 1, 1);
        return isFinal ? 'ς' : 'σ';
      })
      .join('');
  };
};

/** scikit-learn's `strip_accents_unicode` (`decompose`) and `strip_accents_ascii` (`drop`): character by character. */
export const stripAccents = ({ map, others }: StripAccentsSettings): Preprocess => {
  const strip = (character: string): string => {
    if (character <= '\x7f') return character;
    const known = map.get(character);
    if (known !== undefined) return known;
    if (others === 'drop') return '';
    // By a rule, not by a table, and the same in every Unicode since 2.0.
    return character >= '\uac00' && character <= '\ud7a3' ? character.normalize('NFD') : character;
  };
  return (text) => (isAscii(text) ? text : Array.from(text, strip).join(''));
};
