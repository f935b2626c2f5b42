/** SentencePiece's `precompiled_charsmap`: replacements of characters, and of some sequences of them. */
export interface Charsmap {
  /** The text with all characters and graphemes of the map replaced. */
  normalize(text: string): string;
}

/** The maximum length of a grapheme that is looked up as a whole, in bytes of UTF-8. */
const LONGEST_GRAPHEME = 5;

/** Up to this code point each character is a grapheme of its own, except a carriage return before a line feed. */
const simple = /^[\0-\u02ff]*$/;

/**
 * Reads a map: the size of a trie in bytes, the trie (Darts' double array, a little-endian word a node), and the
 * replacements in UTF-8, each ended by 0, to which the trie's leaves point.
 *
 * Graphemes of up to 5 bytes are looked up first, and the replacement of the shortest prefix that the map has replaces
 * the whole grapheme, so that an accent after a full-width letter is lost. The Rust tokenizers do the same.
 *
 * @param base64 the map as tokenizer.json has it
 * @throws Error where it is truncated
 * @see https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/normalizers/precompiled.rs
 * @see https://github.com/huggingface/spm_precompiled/blob/main/src/lib.rs
 */
export const readCharsmap = (base64: string): Charsmap => {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length < 4 || bytes.length < 4 + bytes.readUInt32LE(0)) {
    throw new Error('precompiled_charsmap is cut off');
  }
  const size = bytes.readUInt32LE(0);
  // All CPUs that Node.js runs on are little-endian, too.
  const trie = new Uint32Array(Uint8Array.from(bytes.subarray(4, 4 + size - (size % 4))).buffer);
  const replacements = bytes.subarray(4 + size);
  const key = Buffer.alloc(LONGEST_GRAPHEME);

  /** The replacement of the shortest prefix of a sequence; undefined where the map has none. */
  const replacement = (sequence: string): string | undefined => {
    const length = key.write(sequence);
    let node = offsetOf(trie[0] ?? 0);
    for (const byte of key.subarray(0, length)) {
      // A zero ends a key, so U+0000 has none.
      if (byte === 0) return undefined;
      node ^= byte;
      const unit = trie[node] ?? 0;
      if ((unit & LABEL) >>> 0 !== byte) return undefined;
      node ^= offsetOf(unit);
      if ((unit & HAS_LEAF) !== 0) return terminated(replacements, (trie[node] ?? 0) & VALUE);
    }
    return undefined;
  };

  const replaceEach = (characters: string): string => {
    let text = '';
    for (const character of characters) text += replacement(character) ?? character;
    return text;
  };
  const replaceGrapheme = (grapheme: string): string =>
    (Buffer.byteLength(grapheme) <= LONGEST_GRAPHEME ? replacement(grapheme) : undefined) ??
    replaceEach(grapheme);

  // Created on first use: English texts do not need it. The rules for graphemes are the same in all languages.
  let segmenter: Intl.Segmenter | undefined;
  const graphemes = (text: string): Intl.Segments =>
    (segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })).segment(text);

  const printable = Array.from({ length: 0x7f - 0x20 }, (_, index) => String.fromCharCode(0x20 + index));
  const leavesPrintable = printable.every((character) => replacement(character) === undefined);
  return {
    normalize: (text) => {
      if (leavesPrintable && /^[ -~]*$/.test(text)) return text;
      if (simple.test(text) && !text.includes('\r\n')) return replaceEach(text);
      let normalized = '';
      for (const { segment } of graphemes(text)) normalized += replaceGrapheme(segment);
      return normalized;
    },
  };
};

const HAS_LEAF = 1 << 8;
const LABEL = 0x8000_00ff;
const VALUE = 0x7fff_ffff;

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & (1 << 9)) >>> 6);

const terminated = (bytes: Buffer, start: number): string => {
  const end = bytes.indexOf(0, start);
  return bytes.toString('utf8', start, end === -1 ? bytes.length : end);
};
