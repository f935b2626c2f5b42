const [NEWLINE, QUOTE] = [0x0a, 0x22];

/** Finds where the records of a text end. */
export interface Splitter {
  /**
   * @param bytes that follow those of the last call
   * @returns the offsets after the newlines that end a record in these bytes
   */
  ends(bytes: Uint8Array): number[];
  /** Whether a quoted field has begun and not ended. */
  isQuoted(): boolean;
}

/** A record is a line. U+2028 and its like end none. */
export const lineSplitter = (): Splitter => ({
  ends: (bytes) => {
    const ends: number[] = [];
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) ends.push(at + 1);
    return ends;
  },
  isQuoted: () => false,
});

/**
 * A record is a row of a table (RFC 4180): a newline within quotes is part of a field. A quote opens a field only at its
 * beginning; anywhere else it is a character like others, as most readers have it.
 */
export const rowSplitter = (delimiter: string): Splitter => {
  const comma = delimiter.charCodeAt(0);
  let isQuoted = false;
  /** The last byte of the bytes before; a newline before the first. */
  let before = NEWLINE;
  /** The last byte so far is a quote within a quoted field: the next one tells whether it closes the field. */
  let isAfterQuote = false;

  const ends: Splitter['ends'] = (bytes) => {
    const found: number[] = [];
    let at = 0;
    if (isAfterQuote && bytes.length > 0) {
      isAfterQuote = false;
      if (bytes[0] === QUOTE) at = 1;
      else isQuoted = false;
    }
    while (at < bytes.length) {
      const quote = bytes.indexOf(QUOTE, at);
      const end = quote < 0 ? bytes.length : quote;
      if (isQuoted) {
        if (quote < 0) break;
        if (quote + 1 === bytes.length) {
          isAfterQuote = true;
          break;
        }
        isQuoted = bytes[quote + 1] === QUOTE;
        at = isQuoted ? quote + 2 : quote + 1;
        continue;
      }
      for (
        let line = bytes.indexOf(NEWLINE, at);
        line >= 0 && line < end;
        line = bytes.indexOf(NEWLINE, line + 1)
      )
        found.push(line + 1);
      if (quote < 0) break;
      const previous = quote === 0 ? before : bytes[quote - 1];
      isQuoted = previous === comma || previous === NEWLINE;
      at = quote + 1;
    }
    before = bytes.at(-1) ?? before;
    return found;
  };
  return { ends, isQuoted: () => isQuoted && !isAfterQuote };
};
