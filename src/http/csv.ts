/** A row of a CSV text; an error where its quotation marks are at fault. */
export type CsvRow = readonly string[] | { readonly fault: string };

/**
 * The rows of a CSV text (RFC 4180): one for each line, but for line breaks within quotation marks. An empty last line
 * is none. A row that is at fault ends with its line; those after it are read.
 */
export const csvRows = function* (text: string): Generator<CsvRow> {
  for (let at = 0; at < text.length;) {
    const { row, next } = rowAt(text, at);
    yield row;
    at = next;
  }
};

const rowAt = (text: string, from: number): { readonly row: CsvRow; readonly next: number } => {
  const fields: string[] = [];
  for (let at = from; ;) {
    const { value, end } = text[at] === '"' ? quotedAt(text, at) : plainAt(text, at);
    const separator = SEPARATOR.exec(text.slice(end, end + 2))?.[0];
    if (value === undefined || separator === undefined)
      return { row: { fault: QUOTES }, next: lineAfter(text, at) };
    fields.push(value);
    if (separator !== ',') return { row: fields, next: end + separator.length };
    at = end + 1;
  }
};

/** What may come after a field: a comma, a line break, the end, or a carriage return before the end. */
const SEPARATOR = /^(?:,|\n|\r\n|\r?$)/;

const QUOTES =
  'has a quotation mark or line break that belongs into a field in quotation marks, or a field whose marks are not closed';

/** A field, and where it ends. */
interface Field {
  /** Undefined where its quotation marks are not closed. */
  readonly value: string | undefined;
  readonly end: number;
}

const PLAIN_END = /[",\r\n]|$/g;

const plainAt = (text: string, from: number): Field => {
  PLAIN_END.lastIndex = from;
  const end = PLAIN_END.exec(text)?.index ?? text.length;
  return { value: text.slice(from, end), end };
};

const quotedAt = (text: string, from: number): Field => {
  for (let at = from + 1; ; at += 2) {
    at = text.indexOf('"', at);
    if (at < 0) return { value: undefined, end: text.length };
    if (text[at + 1] !== '"') return { value: text.slice(from + 1, at).replaceAll('""', '"'), end: at + 1 };
  }
};

/** Where the line after that of a position begins. */
const lineAfter = (text: string, at: number): number => {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
};
