import { below, seededRandom } from '../../src/tools/random.ts';

type Range = readonly [first: number, last: number];

/** Characters that tokenizers treat differently from others, or from each other. */
const ALPHABETS: Readonly<Record<string, readonly Range[]>> = {
  ascii: [[0x20, 0x7e]],
  letters: [
    [0x61, 0x7a],
    [0x61, 0x7a],
    [0x41, 0x5a],
    [0x20, 0x20],
    [0x20, 0x20],
  ],
  punctuation: [
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
    [0xa1, 0xbf],
    [0x2010, 0x205e],
    [0x2e00, 0x2e5d],
    [0x3001, 0x303f],
  ],
  spaces: [
    [0x09, 0x0d],
    [0x20, 0x20],
    [0x85, 0x85],
    [0xa0, 0xa0],
    [0x1680, 0x1680],
    [0x180e, 0x180e],
    [0x2000, 0x200f],
    [0x2028, 0x202f],
    [0x205f, 0x206f],
    [0x3000, 0x3000],
    [0xfeff, 0xfeff],
    [0x2581, 0x2581],
  ],
  controls: [
    [0, 0x1f],
    [0x7f, 0x9f],
    [0xad, 0xad],
    [0x600, 0x605],
    [0xfff0, 0xffff],
    [0x890, 0x8e2],
    [0x110bd, 0x110cd],
    [0x13430, 0x1343f],
    [0xe0001, 0xe007f],
  ],
  latin: [
    [0xc0, 0x24f],
    [0x1e00, 0x1eff],
    [0xa720, 0xa7ff],
    [0x130, 0x131],
    [0xfb00, 0xfb06],
    [0x1c4, 0x1cc],
  ],
  marks: [
    [0x300, 0x36f],
    [0x300, 0x36f],
    [0x1ab0, 0x1aff],
    [0x1dc0, 0x1dff],
    [0x20d0, 0x20f0],
    [0xfe20, 0xfe2f],
    [0x61, 0x7a],
  ],
  greek: [
    [0x370, 0x3ff],
    [0x1f00, 0x1fff],
    [0x3a3, 0x3a3],
    [0x3a3, 0x3a3],
    [0x3c2, 0x3c3],
    [0x20, 0x20],
  ],
  cyrillic: [
    [0x400, 0x52f],
    [0x1c80, 0x1c8a],
    [0x2de0, 0x2dff],
    [0xa640, 0xa69f],
  ],
  hebrew: [
    [0x591, 0x5f4],
    [0xfb1d, 0xfb4f],
  ],
  arabic: [
    [0x606, 0x6ff],
    [0x640, 0x640],
    [0x64b, 0x652],
    [0x8a0, 0x8ff],
    [0xfb50, 0xfdff],
    [0xfe70, 0xfefc],
    [0x200c, 0x200d],
  ],
  indic: [
    [0x900, 0x97f],
    [0x93f, 0x94d],
    [0x980, 0x9fe],
    [0xa00, 0xdff],
    [0x200c, 0x200d],
    [0x11f00, 0x11f59],
  ],
  southEastAsian: [
    [0xe00, 0xe5b],
    [0xe80, 0xedf],
    [0x1000, 0x109f],
    [0x1780, 0x17f9],
    [0xf00, 0xfda],
    [0x1b00, 0x1bff],
  ],
  hangul: [
    [0x1100, 0x11ff],
    [0xa960, 0xa97c],
    [0xac00, 0xd7a3],
    [0xd7b0, 0xd7fb],
    [0x3131, 0x318e],
    [0xffa0, 0xffdc],
  ],
  kana: [
    [0x3040, 0x30ff],
    [0x3099, 0x309c],
    [0xff61, 0xff9f],
    [0x31f0, 0x31ff],
    [0x1b000, 0x1b167],
  ],
  ideographs: [
    [0x2e80, 0x2fdf],
    [0x3400, 0x4dc0],
    [0x4e00, 0xa000],
    [0xf900, 0xfaff],
    [0x20000, 0x2a6e0],
    [0x2a6f0, 0x2b740],
    [0x2b810, 0x2b930],
    [0x2ceb0, 0x2ebe0],
    [0x2f800, 0x2fa20],
    [0x30000, 0x323b0],
    [0xe0100, 0xe01ef],
  ],
  compatibility: [
    [0x2070, 0x209c],
    [0x2100, 0x218b],
    [0x2460, 0x24ff],
    [0x3200, 0x33ff],
    [0xff01, 0xff5e],
    [0xffe0, 0xffe6],
    [0x1d400, 0x1d7ff],
    [0x1f100, 0x1f2ff],
    [0x300, 0x304],
  ],
  digits: [
    [0x30, 0x39],
    [0x660, 0x669],
    [0x966, 0x96f],
    [0xff10, 0xff19],
    [0xb2, 0xb9],
    [0xbc, 0xbe],
    [0x2150, 0x2189],
    [0x1d7ce, 0x1d7ff],
    [0x11de0, 0x11de9],
  ],
  emoji: [
    [0x1f300, 0x1f6ff],
    [0x1f900, 0x1faff],
    [0x1f3fb, 0x1f3ff],
    [0x200d, 0x200d],
    [0x200d, 0x200d],
    [0xfe0e, 0xfe0f],
    [0x20e3, 0x20e3],
    [0x2600, 0x27bf],
    [0x1f1e6, 0x1f1ff],
  ],
  /** Added by Unicode 9 to 17. */
  young: [
    [0x8b0, 0x8ff],
    [0x1ac0, 0x1aff],
    [0x2e43, 0x2e5d],
    [0xa7c0, 0xa7ff],
    [0x105c0, 0x105f5],
    [0x10d40, 0x10d8f],
    [0x10ec0, 0x10eff],
    [0x11380, 0x113e2],
    [0x11930, 0x11946],
    [0x119d0, 0x11aa2],
    [0x16100, 0x16139],
    [0x16d40, 0x16d79],
    [0x16ea0, 0x16ed3],
    [0x1e030, 0x1e08f],
    [0x1e6c0, 0x1e6ff],
    [0x323b0, 0x33479],
  ],
  private: [
    [0xe000, 0xf8ff],
    [0xf0000, 0xffffd],
    [0x100000, 0x10ffff],
  ],
  basicPlane: [[0, 0xd7ff]],
  everything: [
    [0, 0xd7ff],
    [0xe000, 0x10ffff],
  ],
};

/** Words, special tokens and sequences that become something else together. */
const WORDS = [
  ...'card cards machine transfer Why charged naïve ΟΔΟΣ Karte 卡 カード кart 카드 12,345.67 don’t café'.split(
    ' ',
  ),
  ...'[CLS] [SEP] [MASK] [UNK] [PAD] <s> </s> <pad> <unk> <mask> <cls> <sep> <extra_id_0> <|im_end|>'.split(
    ' ',
  ),
  ..."<s>NOTUSED <0x0A> |||e-mail||| Café CAFÉ [mask] ## ##s ▁ ▁▁ `` '' 's 'RE 'ſ n't http://x.y/?q=1".split(
    ' ',
  ),
  ...[
    '\r\n',
    '\n\n',
    '  ',
    '     ',
    ' ',
    ' ',
    '\t',
    'e\u0301',
    'Ａ\u0301',
    'ｶ\uff9e',
    '👩\u200d💻',
    '🏳️\u200d🌈',
    '🇬🇧',
  ],
  ...['क्ष', 'ක්\u200dෂ', 'ﷺ', '각', '\u1112\u1161\u11ab', '𠮷', 'İ', 'ẞ', '\u0345', '\ufdd0', '\u{1fffe}'],
];

/**
 * Texts of characters and words drawn at random, most of them short: each of one to three alphabets. None has an unpaired
 * surrogate.
 *
 * @param seed the same seed gives the same texts
 */
export const randomTexts = (count: number, seed: number): readonly string[] => {
  const random = seededRandom(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length, random)] as Item;
  const alphabets = Object.values(ALPHABETS);
  const character = (alphabet: readonly Range[]): string => {
    const [first, last] = pick(alphabet);
    return String.fromCodePoint(first + below(last - first + 1, random));
  };
  const text = (): string => {
    const chosen = Array.from({ length: 1 + below(3, random) }, () => pick(alphabets));
    const words = random() < 0.5 ? 0 : 0.4 * random();
    // One in 200 is long, beyond the characters of a word that WordPiece takes.
    const length = random() < 0.005 ? 100 + below(300, random) : below(24, random);
    return Array.from({ length }, () => (random() < words ? pick(WORDS) : character(pick(chosen)))).join('');
  };
  return Array.from({ length: count }, text);
};

/** Every character that is assigned, but for most of those for private use, in their order. */
export const everyCharacter = (): readonly string[] =>
  Array.from({ length: 0xf0100 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))
    .filter((character) => /\P{Cn}/u.test(character));

/** Texts of these characters, each between letters and alone: `count` of them a text. */
export const textsOf = (characters: readonly string[], count: number): readonly string[] =>
  Array.from({ length: Math.ceil(characters.length / count) }, (_, index) =>
    characters
      .slice(index * count, (index + 1) * count)
      .map((each) => `a${each}b ${each}`)
      .join(' c'),
  );
