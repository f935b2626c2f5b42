import { pipeline, Readable } from 'node:stream';
import { type CsvError, type Info, parse } from 'csv-parse';
import { type CsvDialect, dialectOf, headerEnd, RECORD_DELIMITERS } from './csv-dialect.ts';
import { InputError } from './input-error.ts';
import { readUtf8, type ReadOptions } from './read-utf8.ts';

/** The header of a CSV file. */
export interface CsvLayout extends CsvDialect {
  readonly header: readonly string[];
  /** The indexes of the requested columns in a record. */
  readonly positions: readonly number[];
}

/** A record below the header. */
export interface CsvRecord {
  /** The line that it ends on, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  readonly layout: CsvLayout;
}

export interface CsvOptions extends ReadOptions {
  /** Looked for in the header unless given. */
  readonly delimiter?: string | undefined;
}

/** Characters; an unclosed quote must not pull the whole file into memory. */
const MAX_RECORD_SIZE = 16 * 1024 * 1024;

const REMEDIES: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH:
    'another number of fields than the header has; quote fields that hold delimiters or line breaks',
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

const positionsOf = (
  file: string,
  line: number,
  header: readonly string[],
  columns: readonly string[],
): number[] =>
  columns.map((column) => {
    const at = header.indexOf(column);
    if (at >= 0 && header.indexOf(column, at + 1) < 0) return at;
    const names = header.map((name) => JSON.stringify(name)).join(', ');
    const fault = at < 0 ? 'no such column' : 'more than one such column';
    throw new InputError(`${fault}; name one of ${names}`, { file, line, column });
  });

/**
 * Streams the records of a CSV file (RFC 4180: header row, quoted line breaks, doubled quotes) whose delimiter may be a
 * comma, a semicolon, a tab or a bar. Blank lines are skipped; an empty field of a one-column file is written `""`.
 *
 * @param columns that the header must have
 * @throws InputError naming file, line and column, and what to do.
 */
export async function* csvRecords(
  file: string,
  columns: readonly string[],
  { delimiter, ...reading }: CsvOptions = {},
): AsyncGenerator<CsvRecord> {
  const chunks = readUtf8(file, reading);
  try {
    const { start, header: text } = await headerOf(chunks);
    const dialect = dialectOf(text, columns, delimiter);
    const parser = parse({
      info: true,
      delimiter: dialect.delimiter,
      record_delimiter: RECORD_DELIMITERS,
      skip_empty_lines: true,
      max_record_size: MAX_RECORD_SIZE,
    });
    // Its errors reach the loop below: pipeline destroys the parser with them.
    const records: AsyncIterable<{ info: Info; record: string[] }> = pipeline(
      Readable.from(following(start, chunks)),
      parser,
      () => {},
    );
    let layout: CsvLayout | undefined;
    for await (const { info, record } of records) {
      if (layout !== undefined) yield { line: info.lines, fields: record, layout };
      else
        layout = {
          ...dialect,
          header: record,
          positions: positionsOf(file, info.lines, record, columns),
        };
    }
  } catch (cause) {
    throw located(file, cause);
  } finally {
    await chunks.return(undefined);
  }
}

/** The first part of a file, with its header, and the header. */
const headerOf = async (
  chunks: AsyncGenerator<string>,
): Promise<{ readonly start: string; readonly header: string }> => {
  let start = '';
  for (;;) {
    const { value, done } = await chunks.next();
    if (done !== true) start += value;
    const end = headerEnd(start, done === true);
    if (end !== undefined) return { start, header: start.slice(0, end) };
  }
};

async function* following(start: string, chunks: AsyncGenerator<string>): AsyncGenerator<string> {
  yield start;
  yield* chunks;
}
