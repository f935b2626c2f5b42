import { type CsvOptions, csvRecords } from './csv-records.ts';

/** A record's cells, aligned with the requested columns, and the line its record ends on (from 1). */
export interface Row {
  line: number;
  cells: readonly unknown[];
}

/**
 * Streams the named columns of a CSV file.
 *
 * @throws InputError naming file, line and column, and what to do.
 */
export async function* readCsv(
  file: string,
  columns: readonly string[],
  options: CsvOptions = {},
): AsyncGenerator<Row> {
  for await (const { line, fields, layout } of csvRecords(file, columns, options))
    yield { line, cells: layout.positions.map((position) => fields[position]) };
}
