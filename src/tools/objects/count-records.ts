import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { formatOf } from '../../pipeline/objects/formats/formats.ts';

/**
 * The records of a file, counted by other means than the pipeline's own: lines, rows of a table, rows of Parquet.
 *
 * @param key the name of the object, whose suffix says what it is
 */
export const countRecords = async (path: string, key: string): Promise<number> => {
  const { name } = formatOf(key);
  if (name === 'parquet') {
    const { num_rows: rows } = await parquetMetadataAsync(await asyncBufferFromFile(path));
    return Number(rows);
  }
  const file = createReadStream(path);
  // Outputs are never compressed.
  const bytes: AsyncIterable<Buffer> & NodeJS.ReadableStream = key.endsWith('.gz')
    ? file.pipe(createGunzip())
    : file;
  return name === 'csv' || name === 'tsv' ? countRows(bytes) : countLines(bytes);
};

const NEWLINE = 0x0a;

const countLines = async (bytes: AsyncIterable<Buffer>): Promise<number> => {
  let lines = 0;
  let last = NEWLINE;
  for await (const chunk of bytes) {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
    last = chunk.at(-1) ?? last;
  }
  return last === NEWLINE ? lines : lines + 1;
};

/** Without the header. */
const countRows = async (bytes: NodeJS.ReadableStream): Promise<number> => {
  const parser = parse({
    delimiter: [',', ';', '\t', '|'],
    bom: true,
    skip_empty_lines: true,
    relax_column_count: true,
    relax_quotes: true,
  });
  let rows = -1;
  for await (const _ of bytes.pipe(parser)) rows += 1;
  return rows;
};
