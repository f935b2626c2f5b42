import type { ColumnChunk, FileMetaData, RowGroup, SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { must } from '../../../errors.ts';
import type { Foot } from './format.ts';

/** A row group as a shard wrote it: with columns of the input, copied, and columns that were added. */
export interface WrittenGroup {
  /** Of the input. */
  readonly group: number;
  /** Where the copied columns start, and where the added ones do, in the shard's share of the output. */
  readonly copied: readonly number[];
  readonly added: number;
  /** Of the added ones, as if the file began with them. */
  readonly chunks: readonly ColumnChunk[];
}

/** Groups as text: JSON, in which numbers that JSON has not are `{"$": "…"}`. */
export const footOf = (groups: readonly WrittenGroup[]): string =>
  JSON.stringify(groups, (_, value: unknown) => (typeof value === 'bigint' ? { $: String(value) } : value));

export const groupsOf = ({ foot }: Foot): readonly WrittenGroup[] =>
  JSON.parse(foot, (_, value: unknown) =>
    typeof value === 'object' && value !== null && '$' in value ? BigInt(String(value.$)) : value,
  ) as readonly WrittenGroup[];

/** Of what it says the columns are in the input or in another language: that is not so for those that were added. */
const OUTDATED = new Set(['ARROW:schema', 'pandas', 'org.apache.spark.sql.parquet.row.metadata']);

/** The footer of a file, and its end. */
export const footerOf = (
  { key_value_metadata: keyValues }: FileMetaData,
  schema: SchemaElement[],
  groups: readonly RowGroup[],
): Uint8Array => {
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema,
    kvMetadata: keyValues?.filter(({ key }) => !OUTDATED.has(key)) ?? [],
  });
  const { index: begun } = writer;
  file.row_groups = [...groups];
  file.num_rows = groups.reduce((sum, group) => sum + group.num_rows, 0n);
  void file.finish();
  return Buffer.from(writer.getBytes().slice(begun));
};

/** A row group of the output. */
export const rowGroupOf = (columns: ColumnChunk[], rows: bigint): RowGroup => {
  const sum = (size: 'total_uncompressed_size' | 'total_compressed_size'): bigint =>
    columns.reduce((all, { meta_data: data }) => all + must(data, 'metadata of a column')[size], 0n);
  return {
    columns,
    total_byte_size: sum('total_uncompressed_size'),
    total_compressed_size: sum('total_compressed_size'),
    num_rows: rows,
  };
};
