/**
 * The Unicode data of the Rust tokenizers. Node.js has the newest Unicode, 17.0; they take each property from a library
 * with tables of its own, in which later characters are not assigned. So this file lists what was added later, as code
 * points and ranges of them.
 *
 * - Unicode 8.0, categories of BERT's parts and of Punctuation: unicode_categories 0.1.1
 * - Unicode 9.0, normalization forms and StripAccents: unicode-normalization-alignments 0.1.12
 * - Unicode 16.0, regular expressions: onig 6.5.3 and regex-syntax 0.8.11
 * - Unicode 17.0, all else, as here: Rust's standard library and unicode-segmentation 1.13
 *
 * @see https://github.com/huggingface/tokenizers/blob/main/bindings/python/Cargo.lock
 */

/** The inside of a character class, `\u{7fd}\u{897}-\u{89f}`, from a list such as `7fd 897-89f`. */
const listed = (list: string): string => list.replaceAll(/[\da-f]+/g, String.raw`\u{$&}`).replaceAll(' ', '');

/** Marks (M) since Unicode 10. */
const MARKS_SINCE_10 = listed(
  '7fd 897-89f 8ca-8d3 9fe afa-aff b55 c04 c3c cf3 d00 d3b-d3c d81 eba ece 1715 180f 1abf-1add 1ae0-1aeb ' +
    '1cf7 1df6-1dfa a82c a8ff 10d24-10d27 10d69-10d6d 10eab-10eac 10efa-10eff 10f46-10f50 10f82-10f85 11070 ' +
    '11073-11074 110c2 11145-11146 111c9 111ce-111cf 11241 1133b 113b8-113c0 113c2 113c5 113c7-113ca ' +
    '113cc-113d0 113d2 113e1-113e2 1145e 1182c-1183a 11930-11935 11937-11938 1193b-1193e 11940 11942-11943 ' +
    '119d1-119d7 119da-119e0 119e4 11a01-11a0a 11a33-11a39 11a3b-11a3e 11a47 11a51-11a5b 11a8a-11a99 ' +
    '11b60-11b67 11d31-11d36 11d3a 11d3c-11d3d 11d3f-11d45 11d47 11d8a-11d8e 11d90-11d91 11d93-11d97 ' +
    '11ef3-11ef6 11f00-11f01 11f03 11f34-11f3a 11f3e-11f42 11f5a 13440 13447-13455 1611e-1612f 16f4f ' +
    '16f7f-16f87 16fe4 16ff0-16ff1 1cf00-1cf2d 1cf30-1cf46 1e08f 1e130-1e136 1e2ae 1e2ec-1e2ef 1e4ec-1e4ef ' +
    '1e5ee-1e5ef 1e6e3 1e6e6 1e6ee-1e6ef 1e6f5',
);

/** Nonspacing marks (Mn) of Unicode 9. */
const MARKS_OF_9 = listed(
  '8d4-8e1 1885-1886 1dfb a8c5 a9bd 1123e 11438-1143f 11442-11444 11446 11c30-11c36 11c38-11c3d 11c3f ' +
    '11c92-11ca7 11caa-11cb0 11cb2-11cb3 11cb5-11cb6 1e000-1e006 1e008-1e018 1e01b-1e021 1e023-1e024 ' +
    '1e026-1e02a 1e944-1e94a',
);

const PUNCTUATION_SINCE_9 = listed(
  '61d 9fd a76 c77 c84 1b4e-1b4f 1b7d-1b7f 2e43-2e4f 2e52-2e5d 10d6e 10ead 10ed0 10f55-10f59 10f86-10f89 ' +
    '113d4-113d5 113d7-113d8 1144b-1144f 1145a-1145b 1145d 11660-1166c 116b9 1183b 11944-11946 119e2 ' +
    '11a3f-11a46 11a9a-11a9c 11a9e-11aa2 11b00-11b09 11be1 11c41-11c45 11c70-11c71 11ef7-11ef8 11f43-11f4f ' +
    '11fff 12ff1-12ff2 16d6d-16d6f 16e97-16e9a 16fe2 1e5ff 1e95e-1e95f',
);

/** Characters since Unicode 10 that are no marks, and decompose or are composed. */
const DECOMPOSED_SINCE_10 = listed(
  '32ff a7f1-a7f4 ab69 105c9 105d2 105da 105e4 10781-10785 10787-107b0 107b2-107ba 11382-11385 1138b 1138e ' +
    '11390-11391 16d63 16d67-16d6a 1ccd6-1ccf9 1e030-1e06d 1f16c 1fbf0-1fbf9',
);

const ASSIGNED_IN_17 = listed(
  '88f c5c cdc 1acf-1add 1ae0-1aeb 20c1 2b96 a7ce-a7cf a7d2 a7d4 a7f1 fbc3-fbd2 fd90-fd91 fdc8-fdce ' +
    '10940-10959 10ec5-10ec7 10ed0-10ed8 10efa-10efb 11b60-11b67 11db0-11ddb 11de0-11de9 16ea0-16eb8 ' +
    '16ebb-16ed3 16ff2-16ff6 187f8-187ff 18d09-18d1e 18d80-18df2 1ccfa-1ccfc 1ceba-1ced0 1cee0-1cef0 ' +
    '1e6c0-1e6de 1e6e0-1e6f5 1e6fe-1e6ff 1f6d8 1f777-1f77a 1f8d0-1f8d8 1fa54-1fa57 1fa8a 1fa8e 1fac8 1facd ' +
    '1faea 1faef 1fbfa 2b73a-2b73f 2cea2-2cead 323b0-33479',
);

/** The classes are for the flag `v`. Two characters have changed their category since Unicode 8. */
export const NONSPACING_MARK = String.raw`[[\p{Mn}\u1734\u{1171e}]--[${MARKS_OF_9}${MARKS_SINCE_10}]]`;

/** Punctuation, and every ASCII character that is no letter, digit or control character. */
export const PUNCTUATION = String.raw`[[\p{P}$+<=>^\`\|~\u166d\u{111c9}]--[${PUNCTUATION_SINCE_9}]]`;

/** Control characters, formats and private use, which BERT leaves out; tab, line feed and carriage return are not. */
export const CONTROL = String.raw`[[\p{Cc}\p{Cf}\p{Co}]--[\t\n\r\u0890\u0891\u08e2\u{110cd}\u{13430}-\u{1343f}]]`;

/** Ideographs, each of which is a word to BERT. Extension E begins late, as if U+2B820 had been meant. */
export const IDEOGRAPH =
  String.raw`[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}` +
  String.raw`\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]`;

/** The marks of Unicode 9. */
export const MARK = String.raw`[[\p{M}\u1cf2\u1cf3]--[${MARKS_SINCE_10}]]`;

/** The inside of a class: a character of a word to the crate regex, in the Unicode 16 that `asUnicode16` gives. */
export const WORD = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}`;

const normalizable = new RegExp(`[^${MARKS_SINCE_10}${DECOMPOSED_SINCE_10}]+`, 'gv');

/** A normalization form of Unicode 9: later characters are unchanged, and nothing is reordered across them. */
export const normalize9 = (text: string, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): string =>
  text.replace(normalizable, (known) => known.normalize(form));

const assignedIn17 = new RegExp(`[${ASSIGNED_IN_17}]`, 'gv');

/** The text for a regular expression of Unicode 16, of the same length: later characters become unassigned ones. */
export const asUnicode16 = (text: string): string =>
  text.replace(assignedIn17, (later) => (later.length === 1 ? '\ufdd0' : '\u{1fffe}'));

/**
 * Lower case as Rust's standard library has it, character by character: a Σ at the end of a word is no exception.
 *
 * @see https://doc.rust-lang.org/std/primitive.char.html#method.to_lowercase
 */
export const lowerCase = (text: string): string => text.replaceAll('Σ', 'σ').toLowerCase();

/** White space as in Rust's `char::is_whitespace`, other than JavaScript's in U+0085 and U+FEFF; all are in the BMP. */
const space = /\p{White_Space}/u;

/** The start of a text's trailing spaces. In one pass: `\s+$` would try again at each space of the text. */
export const endWithoutSpaces = (text: string): number => {
  let end = text.length;
  while (end > 0 && space.test(text.charAt(end - 1))) end -= 1;
  return end;
};

/** The end of a text's leading spaces. */
export const startWithoutSpaces = (text: string): number => {
  let start = 0;
  while (start < text.length && space.test(text.charAt(start))) start += 1;
  return start;
};
