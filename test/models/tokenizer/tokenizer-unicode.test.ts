import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  asUnicode16,
  CONTROL,
  endWithoutSpaces,
  IDEOGRAPH,
  lowerCase,
  MARK,
  NONSPACING_MARK,
  normalize9,
  PUNCTUATION,
  startWithoutSpaces,
  WORD,
} from '../../../src/models/tokenizer/tokenizer-unicode.ts';

/** The characters that have a property to the Rust tokenizers, as make.py there writes them. */
const RECORDED: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'tokenizers', 'characters.json'), 'utf8'),
);

const CHARACTERS = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));

/** As recorded: `897-89f b55`. */
const ranges = (has: Has): string => {
  const found: [number, number][] = [];
  for (const code of CHARACTERS.filter(has).map((character) => character.codePointAt(0) ?? 0)) {
    const last = found.at(-1);
    if (last?.[1] === code - 1) last[1] = code;
    else found.push([code, code]);
  }
  return found
    .map(([first, last]) => (first === last ? [first] : [first, last]))
    .map((ends) => ends.map((code) => code.toString(16)).join('-'))
    .join(' ');
};

type Has = (character: string) => boolean;

const isOf = (characterClass: string, seen = (character: string) => character): Has => {
  const pattern = new RegExp(characterClass, 'v');
  return (character) => pattern.test(seen(character));
};

const nonspacingMark = new RegExp(NONSPACING_MARK, 'gv');

/** Its combining class is not 0: marks of a higher or a lower class change places with it. */
const moves = (character: string): boolean => {
  const alone = normalize9(character, 'NFD');
  return (
    normalize9(`\u0315${character}`, 'NFD') !== `\u0315${alone}` ||
    normalize9(`${character}\u0334`, 'NFD') !== `${alone}\u0334`
  );
};

describe('of all characters, those are what they are to the Rust tokenizers', () => {
  const properties: readonly (readonly [property: string, has: Has])[] = [
    ['punctuation', isOf(PUNCTUATION)],
    ['number', isOf(String.raw`\p{N}`)],
    ['notWord', isOf(String.raw`[^${WORD}\p{White_Space}]`, asUnicode16)],
    ['control', isOf(String.raw`[\0\ufffd${CONTROL}]`)],
    ['ideograph', isOf(IDEOGRAPH)],
    ['mark', isOf(MARK)],
    ['letter16', isOf(String.raw`\p{L}`, asUnicode16)],
    ['number16', isOf(String.raw`\p{N}`, asUnicode16)],
    ['space', (character) => startWithoutSpaces(character) > 0],
    ['space', (character) => endWithoutSpaces(character) === 0],
    ['lowercased', (character) => lowerCase(character) !== character],
    ['decomposed', (character) => normalize9(character, 'NFD') !== character],
    ['compatible', (character) => normalize9(character, 'NFKD') !== character],
    ['combining', moves],
    ['nonspacingMark', (character) => normalize9(`a${character}`, 'NFD').replace(nonspacingMark, '') === 'a'],
  ];

  it.each(properties)('%s', (property, has) => {
    expect(ranges(has)).toBe(RECORDED[property]);
  });
});
