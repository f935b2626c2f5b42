import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { bytesOf } from '../stored-json.ts';
import { FaultError, type Source } from './format.ts';

/** A Parquet file whose footer was read. */
export interface ParquetFile {
  readonly metadata: FileMetaData;
  /** The columns at the top, and what is below them. */
  readonly columns: readonly SchemaTree[];
  /** The values of a column in a range of rows. @throws FaultError (`bad-parquet`); what reading the object throws */
  values(column: string, start: number, end: number): Promise<ArrayLike<unknown>>;
}

/** No more than the file says, whatever the compressed data says. */
const limited = (maxOutputLength: number) => ({ maxOutputLength: Math.max(1, maxOutputLength) });

/** Beside Snappy, which hyparquet has. */
const compressors: Compressors = {
  GZIP: (input, length) => gunzipSync(input, limited(length)),
  BROTLI: (input, length) => brotliDecompressSync(input, limited(length)),
  ZSTD: (input, length) => zstdDecompressSync(input, limited(length)),
};

/** @throws FaultError (`bad-parquet`) where the footer cannot be read; what reading the object throws */
export const openParquet = async (source: Source): Promise<ParquetFile> => {
  const { head } = source;
  const { file, checked } = readableFile(source);
  const metadata = await checked(
    () => parquetMetadataAsync(file, { geoparquet: false }),
    `${head.key} is not a Parquet file, or damaged`,
  );
  const scans = new Map<string, ReturnType<typeof parquetScan>>();
  const scanOf = (column: string) => {
    const scan = scans.get(column) ?? parquetScan({ file, metadata, columns: [column], compressors });
    scans.set(column, scan);
    return scan;
  };
  return {
    metadata,
    columns: parquetSchema(metadata).children,
    values: (column, start, end) =>
      checked(
        async () => {
          const scan = await scanOf(column);
          const values = await scan.readColumn({ column, rowStart: start, rowEnd: end });
          if (values.length !== end - start)
            throw new Error(`${values.length} values for ${end - start} rows`);
          return values;
        },
        `column ${column} of ${head.key} cannot be read in rows ${start + 1} to ${end}`,
      ),
  };
};

/** The object as hyparquet reads it, and a check that tells its errors from those of reading the object. */
const readableFile = (source: Source) => {
  let failure: { readonly error: unknown } | undefined;
  const file: AsyncBuffer = {
    byteLength: source.head.size,
    slice: async (start, end = source.head.size) => {
      // Damaged metadata may ask for anything.
      const range = { start: Math.max(0, start), end: Math.min(end, source.head.size) };
      if (range.start >= range.end) return new ArrayBuffer(0);
      try {
        const bytes = await bytesOf(source.read(range));
        const copy = new ArrayBuffer(bytes.length);
        new Uint8Array(copy).set(bytes);
        return copy;
      } catch (error) {
        failure ??= { error };
        throw error;
      }
    },
  };
  const checked = async <Result>(work: () => Promise<Result>, fault: string): Promise<Result> => {
    try {
      return await work();
    } catch (cause) {
      if (failure !== undefined) throw failure.error;
      throw new FaultError('bad-parquet', reasonOf(fault, cause), { cause });
    }
  };
  return { file, checked };
};

/** hyparquet names the codecs that it does not know; other messages may quote data. */
const reasonOf = (fault: string, cause: unknown): string => {
  const codec = /unsupported compression codec:? (\w+)/i.exec(String((cause as Error | undefined)?.message));
  return codec === null
    ? fault
    : `${fault}: its compression ${codec[1]} is not supported; use SNAPPY, GZIP or ZSTD`;
};
