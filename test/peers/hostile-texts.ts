import { seededRandom } from '../../src/tools/random.ts';

const random = seededRandom(77);

/** `count` characters from `from` on, drawn at random. */
const drawn = (count: number, from: number, size: number): string =>
  Array.from({ length: count }, () => String.fromCodePoint(from + Math.floor(random() * size))).join('');

/** Texts that tokenizers stumble over. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '\t\r\n\v\f\u00a0\u2003\u3000',
  '  card   lost \n\n in   the \t post ',
  '💳',
  '💳🏧 card 👩‍👩‍👧‍👦 lost 🇬🇧 👍🏽',
  'אבד לי הכרטיס בדרך הביתה',
  'فقدت بطاقتي ١٢٣ في البنك',
  'my card \u202eneddirrevo\u202c is \u200flost\u200e',
  'cafe\u0301 cafe\u0301 cafe\u0301 e\u0323\u0302\u0301\u0308',
  'café CAFÉ İstanbul ıI ßẞ ﬁ Å K',
  `z${'\u0300'.repeat(50)} card`,
  '我的卡在哪里？我丢了卡。',
  'カードを失くしました。ｶｰﾄﾞ',
  '카드를 잃어버렸어요',
  'บัตรของฉันหาย',
  'a\u0000b\u0001c\u007fd\u0085e\u200bf\ufefff\ufffdg',
  '\u0000',
  '[CLS] [SEP] [PAD] [UNK] [MASK] card[SEP]lost',
  '##ing ##s # # ##',
  "don't can't I'm £5.00 $1,234.56 10% a@b.co http://x.y/z?q=1&r=2#s",
  '-_-/\\|~`^*+=<>{}()[]"\'’“”…—–•',
  `pictures ${drawn(20, 0x1f300, 0x200)}`,
  drawn(300, 0x20, 0x5f),
  drawn(300, 0xa0, 0x500),
  drawn(300, 0x3000, 0x1000),
  'x'.repeat(100),
  'x'.repeat(101),
  'x'.repeat(10_000),
  'card '.repeat(2_000),
  'Where is my card? '.repeat(556).slice(0, 10_000),
  '卡'.repeat(10_000),
  '. '.repeat(254).trim(),
  'card '.repeat(510).trim(),
  'card '.repeat(511).trim(),
];

/** Texts of which transformers.js and the Rust tokenizers make different tokens, with one model or another. */
export const CONTESTED_TEXTS: readonly string[] = [
  '𠀋𠮷𠜎 card 𫝀𬺰𰀀',
  'ΟΔΟΣ ΣΟΦΟΣ ΤΗΣ ΤΡΑΠΕΖΑΣ. Σ',
  'zero\u200bwidth \u200b card\u200c \u200d\u2060\ufeff',
  '👩‍💻 👩‍👩‍👧‍👦 ❤️‍🔥 🏳️‍🌈 e\u200d',
  '  card  ',
  'İstanbul DİYARBAKIR i̇ Å ⱥ ẞ',
  'a\r\nb\r\n\r\nc \n\n d\te',
  '`` card \'\' "cash"',
  'Ａ\u0301Ｂ\u0323 ｶ\uff9e ﾊ\uff9f é\u0323 e\u0301\u0323',
  '①②③ ½ ³ ١٢٣ १२३ 一二三 Ⅳ ㊀ ㍿ 12345',
  'ـــمـرحـبـا مُحَمَّد لا ﷺ ﻼ',
  'क्षत्रिय नमस्ते ज़रूर ক্ষ ශ්‍රී க்ஷ',
  'น้ำ ทำ ກຳ ຳ',
  '각 ᄀ\u1161\u11a8 ᄀ ᅡ ﾡ',
  'a\u00adb c\u2028d\u2029e\u0085f\u00a0g\u3000h\u1680i',
  '<s>card</s> <mask> <pad>x<unk> <extra_id_0>  card  <|endoftext|> <0x0A>',
  '  [MASK]  card [MASK]. [mask] [cls] café Café cafés Caféx |||e-mail|||',
  'a  b   c    d     e\n\n\nf▁g▁▁h ▁ i',
  '\u0378\u088f\u1acf\u0d00\u{10d69}\u{11f00} \u{1e030}\u32ff\ua7f2 \u2e4f\u2e5d\u{16fe2}',
  "'s't'Re'VE 'ſ 'M don’t K",
  'e\u0301\u1abf\u0323 \u0315\u1ac1\u0334',
  'x'.repeat(40) + '\u0301'.repeat(70),
  '\u{1f3fb}\u{e0067}\u{fe0f} \ue000\u{f0000}\u{10fffd}\ufffe\u{1ffff}',
  'ﬃ ǆ Ǆ ŉ ΐ ẖ ﬗ',
];

const LONG = 'why was my card charged twice and when will the cash arrive '.repeat(4);

/** Texts with a second one each. */
export const HOSTILE_PAIRS: readonly (readonly [string, string])[] = [
  ['I lost my card', 'Why was I charged?'],
  ['my card', LONG],
  [LONG, 'my card'],
  [LONG, LONG],
  [LONG, `${LONG}x`],
  ['', 'card'],
  ['  \u200b ΟΔΟΣ', ' 𠀋 [SEP] </s> '],
];
