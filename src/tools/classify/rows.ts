import { extname } from 'node:path';
import { PermanentError, must } from '../../errors.ts';
import { csvRecords } from '../ingest/input/csv-records.ts';
import { InputError } from '../ingest/input/input-error.ts';
import { jsonField } from '../ingest/input/json-field.ts';
import { jsonlRecords } from '../ingest/input/jsonl-records.ts';
import { fieldOf } from '../ingest/input/read-jsonl.ts';
import { csvLine } from '../../csv-line.ts';
import type { Fields } from './fields.ts';

/** A row of a file that is to be labelled. */
export interface Row {
  readonly text: string | PermanentError;
  /** The output of the row, with these fields added; that of the first row includes everything before it. */
  written(fields: Fields): string;
}

export interface RowOptions {
  readonly textColumn: string;
  /** Columns that are added to a table. */
  readonly added: readonly string[];
  /** Names that fields of the file may not have. */
  readonly reserved: readonly string[];
  /** The output file: a `.tsv` is written with tabs. */
  readonly output: string;
  readonly onRead: (bytes: number) => void;
}

type Kind = 'table' | 'lines';

const KINDS: Readonly<Record<string, Kind>> = {
  '.csv': 'table',
  '.tsv': 'table',
  '.jsonl': 'lines',
  '.ndjson': 'lines',
};

/** @throws InputError where the file's format is not supported */
export const kindOf = (file: string): Kind => {
  const extension = extname(file).toLowerCase();
  const kind = KINDS[extension];
  if (kind !== undefined) return kind;
  const known = Object.keys(KINDS).join(', ');
  throw new InputError(`unsupported file extension "${extension}"; give one of ${known}`, { file });
};

/** The rows of a file. @throws InputError naming file, line and column where it cannot be read or labelled */
export const rowsOf = (file: string, options: RowOptions): AsyncGenerator<Row> =>
  kindOf(file) === 'table' ? tableRows(file, options) : lineRows(file, options);

const isTabbed = (file: string): boolean => extname(file).toLowerCase() === '.tsv';

async function* tableRows(
  file: string,
  { textColumn, added, reserved, output, onRead }: RowOptions,
): AsyncGenerator<Row> {
  const reading = { onRead, ...(isTabbed(file) && { delimiter: '\t' }) };
  let isFirst = true;
  for await (const { fields, layout } of csvRecords(file, [textColumn], reading)) {
    const { header, positions, newline } = layout;
    const delimiter = isTabbed(output) ? '\t' : layout.delimiter;
    let head = '';
    if (isFirst) {
      refuse(file, 1, header, reserved);
      head = csvLine([...header, ...added], delimiter) + newline;
    }
    isFirst = false;
    yield {
      text: must(fields[must(positions[0], 'position of the text')], 'text of a row'),
      written: (labels) =>
        head + csvLine([...fields, ...added.map((name) => cellOf(labels, name))], delimiter) + newline,
    };
  }
}

/** Lists are JSON; missing values are empty. */
const cellOf = (fields: Fields, name: string): string => {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
};

async function* lineRows(file: string, { textColumn, reserved, onRead }: RowOptions): AsyncGenerator<Row> {
  let isFirst = true;
  for await (const record of jsonlRecords(file, { onRead })) {
    const { line, source, object } = record;
    // In the first line the name of the column is wrong, not the line.
    if (isFirst) fieldOf(file, record, textColumn);
    isFirst = false;
    const names = Object.keys(object);
    refuse(file, line, names, reserved);
    const found = jsonField(object, textColumn);
    const text = 'value' in found ? found.value : undefined;
    yield {
      text: typeof text === 'string' ? text : new PermanentError('bad-text', 'the text should be a string'),
      written: (labels) => `${withFields(source, labels, names.length === 0)}\n`,
    };
  }
}

/** The line as written, with fields added, so that it keeps numbers that JavaScript would round. */
const withFields = (source: string, fields: Fields, isEmpty: boolean): string => {
  const end = source.lastIndexOf('}');
  const added = JSON.stringify(fields).slice(1, -1);
  return `${source.slice(0, end)}${isEmpty || added === '' ? '' : ','}${added}}${source.slice(end + 1)}`;
};

const refuse = (file: string, line: number, names: readonly string[], reserved: readonly string[]): void => {
  const column = names.find((name) => reserved.includes(name));
  if (column === undefined) return;
  throw new InputError(
    'already exists, and would be written; rename it, or choose other names with --prefix',
    {
      file,
      line,
      column,
    },
  );
};
