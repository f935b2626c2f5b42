import { must } from '../../../errors.ts';
import { FaultError, type Source, type Span } from './format.ts';
import { pagesOf } from './parquet-copy.ts';
import type { ParquetFile } from './parquet-file.ts';

/** The bytes that a Parquet file begins with. */
export const MAGIC = Buffer.from('PAR1');

/** A row group: its rows are its span. */
export interface Group extends Span {
  readonly index: number;
  /** Compressed. */
  readonly bytes: number;
}

/** The row groups with their rows. */
export const groupsIn = ({ metadata }: ParquetFile): readonly Group[] => {
  let start = 0;
  return metadata.row_groups.map(({ num_rows: rows, columns }, index) => {
    const group = { index, start, end: start + Number(rows), line: start };
    start = group.end;
    return {
      ...group,
      bytes: columns.reduce((sum, chunk) => sum + Number(chunk.meta_data?.total_compressed_size), 0),
    };
  });
};

/** Shares of some bytes, of whole row groups. */
export const spansOf = (file: ParquetFile, bytes: number): readonly Span[] => {
  const spans: Span[] = [];
  let start = 0;
  let size = 0;
  let end = 0;
  for (const group of groupsIn(file)) {
    end = group.end;
    size += group.bytes;
    if (size < bytes || start === end) continue;
    spans.push({ start, end, line: start });
    [start, size] = [end, 0];
  }
  return start < end || spans.length === 0 ? [...spans, { start, end, line: start }] : spans;
};

/** The chunks of some columns in a row group. */
export const chunksOf = ({ metadata }: ParquetFile, columns: readonly string[], group: number) =>
  must(metadata.row_groups[group], 'row group').columns.filter(({ meta_data: data }) =>
    columns.includes(String(data?.path_in_schema[0])),
  );

/** @throws FaultError where pages that are to be copied are not within the file */
export const requirePages = (
  { head }: Source,
  file: ParquetFile,
  columns: readonly string[],
  { index, start, end }: Group,
): void => {
  const isThere = chunksOf(file, columns, index)
    .map(pagesOf)
    .every((pages) => pages.start >= MAGIC.length && pages.start <= pages.end && pages.end <= head.size);
  if (!isThere)
    throw new FaultError(
      'bad-parquet',
      `the pages of rows ${start + 1} to ${end} are not within ${head.key}`,
    );
};
