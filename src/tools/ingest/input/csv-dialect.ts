import { parse } from 'csv-parse/sync';

/** How a CSV file is written. */
export interface CsvDialect {
  readonly delimiter: string;
  /** What ends its records. */
  readonly newline: string;
}

/** What ends a record. */
export const RECORD_DELIMITERS: string[] = ['\r\n', '\n', '\r'];

/** The delimiters that are looked for; of equally good ones the first. */
const DELIMITERS = [',', ';', '\t', '|'];

/** Characters after which a header is taken to be the first line: a quote in it that ends nowhere pairs with any. */
const LONGEST_HEADER = 64 * 1024;

/**
 * How a file is written, from its header: the delimiter by which the header has all the columns that are looked for,
 * else the one that parts it into the most fields. One that is within quotes parts nothing.
 *
 * @param header the first record, as `headerEnd` finds it
 * @param delimiter where it is known
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
 * Where the first record of a file ends, its line break included: at the first one outside of quotes, after what is
 * not blank.
 *
 * @param text the beginning of the file
 * @returns undefined where more of the file has to be seen
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
    // The \n of a \r\n may be about to come.
    if (end === text.length && found === '\r' && !isWhole) return undefined;
    if (/^[\r\n]*$/.test(text.slice(0, index))) continue;
    firstLine ??= end;
    if (!isQuoted) return end;
  }
  if (text.length > LONGEST_HEADER && firstLine !== undefined) return firstLine;
  return isWhole ? (firstLine ?? text.length) : undefined;
};
