/** A row of a CSV text; an error where its quotes are at fault. */
export type CsvRow = readonly string[] | { readonly fault: string };

/** A field, in quotes or not, and what ends it. Quotes are doubled within quotes (RFC 4180). */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\r|$)/y;

/** The rows of a CSV text: one for each line, but for line breaks within quotes. An empty last line is none. */
export const csvRows = function* (text: string): Generator<CsvRow> {
  let at = 0;
  while (at < text.length) {
    const { row, next } = rowAt(text, at);
    yield row;
    at = next;
  }
};

const rowAt = (text: string, from: number): { readonly row: CsvRow; readonly next: number } => {
  const fields: string[] = [];
  for (let at = from; ;) {
    FIELD.lastIndex = at;
    const match = FIELD.exec(text);
    if (match === null) {
      // The row is lost, those after it are not.
      const end = text.indexOf('\n', at);
      return {
        row: { fault: 'has a quotation mark that should be doubled, and its field in quotation marks' },
        next: end < 0 ? text.length : end + 1,
      };
    }
    const [all, quoted, plain = '', end = ''] = match;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    at += all.length;
    if (end !== ',') return { row: fields, next: at };
  }
};

/** Fields as a line of CSV, without its line break. */
export const csvLine = (fields: readonly (string | number)[]): string =>
  fields
    .map((field) => {
      const text = String(field);
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');
