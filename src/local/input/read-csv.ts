import { pipeline, Readable } from 'node:stream';
import { type CsvError, type Info, parse } from 'csv-parse';
import { InputError } from './input-error.ts';
import { readUtf8 } from './read-utf8.ts';

/** A record's cells, aligned with the columns that were asked for, and the line its record ends on (from 1). */
export interface Row {
  line: number;
  cells: readonly unknown[];
}

/** Characters; an unclosed quote must not pull the whole file into memory. */
const MAX_RECORD_SIZE = 16 * 1024 * 1024;

const REMEDIES: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH:
    'another number of fields than the header has; quote fields that hold commas or line breaks',
  CSV_QUOTE_NOT_CLOSED: 'a quoted field begins here and never ends; close its quote',
  CSV_INVALID_CLOSING_QUOTE: 'text after a closing quote; double the quotes inside a quoted field ("")',
  INVALID_OPENING_QUOTE:
    'a quote inside an unquoted field; quote the field and double the quotes inside it ("")',
  CSV_MAX_RECORD_SIZE: `a record of over ${MAX_RECORD_SIZE} characters; look for an unclosed quote`,
};

const located = (file: string, cause: unknown): unknown => {
  const { code = '', lines } = cause as Partial<CsvError>;
  const remedy = REMEDIES[code];
  if (remedy === undefined) return cause;
  const line = typeof lines === 'number' ? lines : undefined;
  return new InputError(`broken CSV: ${remedy}`, { file, line }, { cause });
};

const positions = (file: string, header: readonly string[], columns: readonly string[]): number[] =>
  columns.map((column) => {
    const at = header.indexOf(column);
    if (at >= 0 && header.indexOf(column, at + 1) < 0) return at;
    const names = header.map((name) => JSON.stringify(name)).join(', ');
    const fault = at < 0 ? 'no such column' : 'more than one such column';
    throw new InputError(`${fault}; name one of ${names}`, { file, line: 1, column });
  });

/**
 * Streams the named columns of a CSV file (RFC 4180: comma, header row, quoted line breaks, doubled quotes).
 * Blank lines are passed over; an empty text of a one-column file is written `""`.
 *
 * @throws InputError naming file, line and column, and what to do.
 */
export async function* readCsv(file: string, columns: readonly string[]): AsyncGenerator<Row> {
  const parser = parse({
    info: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_SIZE,
  });
  // Its errors reach the loop below: pipeline destroys the parser with them.
  const records: AsyncIterable<{ info: Info; record: string[] }> = pipeline(
    Readable.from(readUtf8(file)),
    parser,
    () => {},
  );
  let at: readonly number[] | undefined;
  try {
    for await (const { info, record } of records) {
      if (at === undefined) at = positions(file, record, columns);
      else yield { line: info.lines, cells: at.map((position) => record[position]) };
    }
  } catch (cause) {
    throw located(file, cause);
  }
}
