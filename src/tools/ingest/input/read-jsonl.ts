import { InputError } from './input-error.ts';
import { jsonField } from './json-field.ts';
import { type JsonlRecord, jsonlRecords } from './jsonl-records.ts';
import type { Row } from './read-csv.ts';

/**
 * Streams the named fields of a file with one JSON object a line (JSON Lines): top-level fields, or those at a path.
 * Blank lines are skipped.
 *
 * @throws InputError naming file, line and column.
 */
export async function* readJsonl(file: string, columns: readonly string[]): AsyncGenerator<Row> {
  for await (const record of jsonlRecords(file))
    yield { line: record.line, cells: columns.map((column) => fieldOf(file, record, column)) };
}

/** @throws InputError naming the available fields where the field is missing */
export const fieldOf = (file: string, { line, object }: JsonlRecord, column: string): unknown => {
  const field = jsonField(object, column);
  if ('value' in field) return field.value;
  const names = field.names.map((name) => JSON.stringify(name)).join(', ');
  throw new InputError(`no such field; name one of ${names}`, { file, line, column });
};
