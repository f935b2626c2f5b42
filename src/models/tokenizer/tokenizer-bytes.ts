/** The character of each byte in byte-level vocabularies: the byte itself if printable, else one from U+0100. */
const CHARACTERS: readonly string[] = (() => {
  const isSeen = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
  let unseen = 0;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(isSeen(byte) ? byte : 0x100 + unseen++),
  );
})();

const encoder = new TextEncoder();

/**
 * A text as the bytes of its UTF-8, each as a character.
 *
 * @see https://github.com/openai/gpt-2/blob/master/src/encoder.py `bytes_to_unicode`
 */
export const byteCharacters = (text: string): string => {
  let characters = '';
  for (const byte of encoder.encode(text)) characters += CHARACTERS[byte] ?? '';
  return characters;
};

/** The tokens of the bytes of a text's UTF-8 in SentencePiece's vocabularies: `<0xE2>`. */
export const byteTokens = (text: string): readonly string[] =>
  Array.from(encoder.encode(text), (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
