import { ModelError } from '../../errors.ts';
import { runsOfCodePoints } from './code-points.ts';
import type { TokenPatternSettings } from './vectorizer-file.ts';

/** Splits a text into tokens. */
export type Tokenize = (text: string) => readonly string[];

const FIRST_LETTER = 0x41;

/**
 * Python's `re.findall` with the pattern of a vectorizer. The pattern is over kinds of characters: a text becomes a
 * string with a letter for each of its characters, so that classes of characters are those of the Python that trained
 * the model, and not of this engine's Unicode.
 *
 * @param file of the pattern, for errors
 * @throws ModelError where the pattern is invalid, or matches the empty text
 */
export const openTokenPattern = (
  file: string,
  { starts, kinds, pattern }: TokenPatternSettings,
): Tokenize => {
  if (starts.length !== kinds.length) throw new ModelError(`${file}: token_pattern has starts without kinds`);
  const kindOf = runsOfCodePoints(
    starts,
    kinds.map((kind) => kind + FIRST_LETTER),
  );
  const { expression, hasGroup } = compiled(file, pattern);
  return (text) => {
    const { letters, offsets } = spelled(text, kindOf);
    return Array.from(letters.matchAll(expression), (match) => {
      const [start, end] = hasGroup ? groupOf(match) : [match.index, match.index + match[0].length];
      return text.slice(offsets?.[start] ?? start, offsets?.[end] ?? end);
    });
  };
};

/** If the pattern has a group, that is the token; a group that did not participate gives an empty one. */
const groupOf = ({ indices }: RegExpExecArray): readonly [number, number] => indices?.[1] ?? [0, 0];

/** A letter for each character, and the characters' start indexes, unless each is one code unit. */
const spelled = (text: string, kindOf: (point: number) => number) => {
  const units = new Uint16Array(text.length);
  let offsets: number[] | undefined;
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    const point = text.codePointAt(index) ?? 0;
    units[count] = kindOf(point);
    if (point > 0xffff) {
      offsets ??= Array.from({ length: count }, (_, before) => before);
      offsets.push(index);
      index += 1;
    } else offsets?.push(index);
    count += 1;
  }
  offsets?.push(text.length);
  return { letters: stringOf(units.subarray(0, count)), offsets };
};

/** A number of arguments that every function call accepts. */
const CHUNK = 8_192;

const stringOf = (units: Uint16Array): string => {
  let string = '';
  for (let start = 0; start < units.length; start += CHUNK)
    string += String.fromCharCode(...units.subarray(start, start + CHUNK));
  return string;
};

const compiled = (file: string, pattern: string) => {
  try {
    const hasGroup = (new RegExp(`${pattern}|`).exec('')?.length ?? 0) > 1;
    if (!new RegExp(`^(?:${pattern})$`).test(''))
      return { expression: new RegExp(pattern, hasGroup ? 'dg' : 'g'), hasGroup };
  } catch (cause) {
    throw new ModelError(`${file}: token_pattern is not a regular expression`, { cause });
  }
  throw new ModelError(`${file}: token_pattern matches the empty text`);
};
