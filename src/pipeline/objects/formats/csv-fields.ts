/**
 * The fields of a row of a table (RFC 4180), without its line break. A quote opens a field only at its beginning;
 * characters after a closing quote belong to the field, as most readers have it.
 */
export const csvFields = (row: string, delimiter: string): readonly string[] => {
  if (!row.includes('"')) return row.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const { field, end } = row[at] === '"' ? quotedField(row, at, delimiter) : plainField(row, at, delimiter);
    fields.push(field);
    if (end === row.length) return fields;
    at = end + 1;
  }
};

interface Field {
  readonly field: string;
  /** Where the delimiter after it is, or the row ends. */
  readonly end: number;
}

const plainField = (row: string, start: number, delimiter: string): Field => {
  const found = row.indexOf(delimiter, start);
  const end = found < 0 ? row.length : found;
  return { field: row.slice(start, end), end };
};

const quotedField = (row: string, start: number, delimiter: string): Field => {
  let field = '';
  let at = start + 1;
  for (;;) {
    const quote = row.indexOf('"', at);
    if (quote < 0) return { field: field + row.slice(at), end: row.length };
    field += row.slice(at, quote);
    if (row[quote + 1] !== '"') {
      const { field: rest, end } = plainField(row, quote + 1, delimiter);
      return { field: field + rest, end };
    }
    field += '"';
    at = quote + 2;
  }
};
