import { seededRandom } from '../../src/local/random.ts';

const random = seededRandom(77);

/** `count` characters from `from` on, drawn at random. */
const drawn = (count: number, from: number, size: number): string =>
  Array.from({ length: count }, () => String.fromCodePoint(from + Math.floor(random() * size))).join('');

/** Texts that tokenizers disagree on, if on any. */
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

/** Ideographs beyond the basic plane, on which the references themselves disagree. */
export const RARE_IDEOGRAPHS = '𠀋𠮷𠜎 card';
