import { csvLine } from '../../../csv-line.ts';
import { type AttributeMap, type AttributeValue } from '../../../dynamodb-json/attributes.ts';
import { must } from '../../../errors.ts';
import { addedColumns } from './added-columns.ts';
import { csvFields } from './csv-fields.ts';
import { type CsvHeader, headerOf } from './csv-header.ts';
import type { Chunk, Format, LineResult, ReadObjectSettings, ReadRecord } from './format.ts';
import { rowSplitter } from './splitters.ts';
import { requireBytes, textObject } from './text-object.ts';
import type { TextRecord } from './text-records.ts';

const tableFormat = (name: 'csv' | 'tsv', suffix: RegExp, delimiter?: string): Format => ({
  name,
  isNamed: (key) => suffix.test(key),
  contentType: name === 'csv' ? 'text/csv' : 'text/tab-separated-values',
  open: async (source, settings) => {
    requireBytes(source);
    const header = await headerOf(source, settings, delimiter);
    const added = addedColumns(settings.task, header.fields, 'prediction_');
    const head = `${header.mark}${header.text}${header.delimiter}${csvLine(
      added.map((column) => column.name),
      header.delimiter,
    )}${header.newline}`;
    const object = textObject(source, settings, {
      splitter: () => rowSplitter(header.delimiter),
      header: Buffer.from(head),
      chunkOf: ({ texts, number }) =>
        rowChunk(
          texts.flatMap((text, index) =>
            text === '' ? [] : [rowOf(text, number + index, header, settings)],
          ),
          header,
          (result) => added.map(({ valueOf }) => cellOf(valueOf(result))),
        ),
    });
    return { ...object, task: settings.task };
  },
});

/** A table with commas, or semicolons, tabs or bars, whichever its header has. Blank lines are no rows. */
export const csv = tableFormat('csv', /\.csv(\.gz)?$/i);

/** A table with tabs. */
export const tsv = tableFormat('tsv', /\.(tsv|tab)(\.gz)?$/i, '\t');

interface Row {
  readonly record: ReadRecord;
  /** As it came; what could be read of it, where it is faulty. */
  readonly text: string;
  /** Of a row with more or fewer fields than the header. */
  readonly ragged?: readonly string[];
}

const rowOf = (
  record: TextRecord,
  number: number,
  { fields: names, delimiter, needed }: CsvHeader,
  { whole = false, idAttributes }: ReadObjectSettings,
): Row => {
  if (typeof record !== 'string') {
    const fields = csvFields(record.text, delimiter);
    return { record, text: record.text, ...(fields.length !== names.length && { ragged: fields }) };
  }
  const fields = csvFields(record, delimiter);
  if (fields.length !== names.length) {
    const message = `the row has ${fields.length} fields, but the header has ${names.length}`;
    return { record: { error: { code: 'ragged-row', message } }, text: record, ragged: fields };
  }
  const item = itemOf(fields, whole ? [...names.entries()] : needed);
  if (!whole) return { record: { item }, text: record };
  const id = idAttributes
    .map((name) => fields[names.indexOf(name)])
    .find((value) => value !== undefined && value !== '');
  return { record: { item, id: id ?? number }, text: record };
};

const itemOf = (fields: readonly string[], columns: readonly (readonly [number, string])[]): AttributeMap => {
  const item: Record<string, AttributeValue> = {};
  for (const [index, name] of columns) item[name] = { S: must(fields[index], 'field of a row') };
  return item;
};

/** Rows as they came, with the added columns in line with those of the header; fields beyond the header come last. */
const rowChunk = (
  rows: readonly Row[],
  { fields: names, delimiter, newline }: CsvHeader,
  cellsOf: (result: LineResult) => readonly (string | number)[],
): Chunk => ({
  records: rows.map(({ record }) => record),
  write: (results) => {
    let text = '';
    for (const [index, row] of rows.entries()) {
      const cells = cellsOf(must(results[index], 'result of a row'));
      text +=
        row.ragged === undefined
          ? `${row.text}${delimiter}${csvLine(cells, delimiter)}${newline}`
          : `${csvLine(
              [
                ...names.map((_, column) => row.ragged?.[column] ?? ''),
                ...cells,
                ...row.ragged.slice(names.length),
              ],
              delimiter,
            )}${newline}`;
    }
    return Buffer.from(text);
  },
});

const cellOf = (value: unknown): string | number => {
  if (value === undefined) return '';
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
};
