import { parse } from 'csv-parse/sync';

/** The dialect of a CSV file. */
export interface CsvDialect {
  readonly delimiter: string;
  /** What ends its records. */
  readonly newline: string;
}

/** The line break of records. */
export const RECORD_DELIMITERS: string[] = ['\r\n', '\n', '\r'];

/** The possible delimiters; the first of equally good ones. */
const DELIMITERS = [',', ';', '\t', '|'];

/** The limit of characters of a header with quoted line breaks; beyond it the first line is taken as the header. */
const LONGEST_HEADER = 64 * 1024;

/**
 * The dialect of a file, from its header: the delimiter with which the header has all required columns, else the one
 * that splits it into the most fields. Delimiters within quotes do not count.
 *
 * @param header the first record, as `headerEnd` finds it
 * @param delimiter if it is known
 */
export const dialectOf = (
  header: string,
  columns: readonly string[],
  delimiter: string | undefined,
): CsvDialect => ({
  delimiter: delimiter ?? delimiterOf(header, columns),
  newline: /\r\n?$|\n$/.exec(header)?.[0] ?? '\n',
});

const delimiterOf = (header: string, columns: readonly string[]): string => {
  const candidates = DELIMITERS.map((delimiter) => ({ delimiter, fields: fieldsOf(header, delimiter) }))
    // Sorting keeps the order of equals.
    .toSorted((a, b) => b.fields.length - a.fields.length);
  const having = candidates.find(({ fields }) => columns.every((column) => fields.includes(column)));
  return (having ?? candidates[0])?.delimiter ?? ',';
};

/** None where the header cannot be read with this delimiter. */
const fieldsOf = (header: string, delimiter: string): readonly string[] => {
  try {
    const [fields = []]: string[][] = parse(header, {
      delimiter,
      record_delimiter: RECORD_DELIMITERS,
      skip_empty_lines: true,
      to: 1,
    });
    return fields;
  } catch {
    return [];
  }
};

/**
 * The end of the first record of a file, including its line break: the first one outside of quotes, after a character
 * that is not blank.
 *
 * @param text the beginning of the file
 * @returns undefined where more of the file is needed
 */
export const headerEnd = (text: string, isWhole: boolean): number | undefined => {
  let isQuoted = false;
  let firstLine: number | undefined;
  for (const { 0: found, index } of text.matchAll(/"|\r\n?|\n/g)) {
    if (found === '"') {
      isQuoted = !isQuoted;
      continue;
    }
    const end = index + found.length;
    // The \n of a \r\n may follow.
    if (end === text.length && found === '\r' && !isWhole) return undefined;
    if (/^[\r\n]*$/.test(text.slice(0, index))) continue;
    firstLine ??= end;
    if (!isQuoted) return end;
  }
  if (text.length > LONGEST_HEADER && firstLine !== undefined) return firstLine;
  return isWhole ? (firstLine ?? text.length) : undefined;
};
