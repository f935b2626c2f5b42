import { type ColumnChunk, type SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { must } from '../../../errors.ts';
import { type AddedColumn } from './added-columns.ts';
import type { LineResult } from './format.ts';
import { movedChunk } from './parquet-copy.ts';

const TYPES = { string: 'STRING', number: 'DOUBLE', boolean: 'BOOLEAN', json: 'JSON' } as const;

/** A column that a Parquet file gets, and its values in the row group at hand. */
interface GrowingColumn {
  readonly name: string;
  readonly type: 'STRING' | 'DOUBLE' | 'BOOLEAN' | 'JSON' | 'INT64';
  readonly valueOf: (result: LineResult, row: number) => unknown;
}

/** The columns of a row group that are added to it. */
export interface AddedGroup {
  add(results: readonly LineResult[]): void;
  /** The columns as bytes, and what a footer says of them in a file that begins with them. */
  encoded(): { readonly bytes: Uint8Array; readonly chunks: readonly ColumnChunk[] };
}

export interface AddedToFile {
  readonly elements: readonly SchemaElement[];
  group(firstRow: number): AddedGroup;
}

/** @param numbers the name of a column for the numbers of rows, where there is to be one */
export const addedToFile = (columns: readonly AddedColumn[], numbers: string | undefined): AddedToFile => {
  const growing: readonly GrowingColumn[] = [
    ...(numbers === undefined
      ? []
      : [{ name: numbers, type: 'INT64', valueOf: (_: LineResult, row: number) => BigInt(row) } as const]),
    ...columns.map(({ name, type, valueOf }) => ({ name, type: TYPES[type], valueOf })),
  ];
  const schema = schemaFromColumnData({
    columnData: growing.map(({ name, type }) => ({ name, type, data: [], nullable: true })),
  });
  return {
    elements: schema.slice(1),
    group: (firstRow) => {
      const values = growing.map((): unknown[] => []);
      let row = firstRow;
      return {
        add: (results) => {
          for (const result of results) {
            row += 1;
            for (const [index, { valueOf }] of growing.entries())
              must(values[index], 'column').push(valueOf(result, row) ?? null);
          }
        },
        encoded: () => {
          const writer = new ByteWriter();
          const file = new ParquetWriter({ writer, schema, statistics: false });
          const { index: start } = writer;
          void file.write({
            columnData: growing.map(({ name }, index) => ({
              name,
              data: must(values[index], 'column'),
              offsetIndex: false,
            })),
            rowGroupSize: Math.max(1, row - firstRow),
          });
          const chunks = must(file.row_groups[0], 'row group').columns;
          return {
            bytes: Buffer.from(writer.getBytes().slice(start)),
            chunks: chunks.map((chunk) => movedChunk(chunk, 0n)),
          };
        },
      };
    },
  };
};
