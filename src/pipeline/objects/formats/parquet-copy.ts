import type { ColumnChunk, ColumnMetaData, ConvertedType, SchemaElement, SchemaTree } from 'hyparquet';
import { must } from '../../../errors.ts';
import type { ByteRange } from '../object-store.ts';

/** The elements of a column, flat, as a footer has them. */
export const elementsOf = ({ element, children }: SchemaTree): readonly SchemaElement[] => [
  writable(element),
  ...children.flatMap(elementsOf),
];

/**
 * hyparquet-writer 0.17 writes the width of an integer's logical type in four bytes instead of one, which others refuse
 * to read: the older name of the same type stands for it.
 */
const writable = (element: SchemaElement): SchemaElement => {
  const { logical_type: logical, ...others } = element;
  if (logical?.type !== 'INTEGER') return element;
  const { bitWidth, isSigned } = logical;
  return { converted_type: `${isSigned ? 'INT' : 'UINT'}_${bitWidth}` as ConvertedType, ...others };
};

/** Where the pages of a column chunk are. */
export const pagesOf = ({ meta_data: data }: ColumnChunk): ByteRange => {
  const {
    data_page_offset: pages,
    dictionary_page_offset: dictionary,
    total_compressed_size: size,
  } = must(data, 'metadata of a column');
  // Some writers have 0 for none.
  const start = Number(
    dictionary !== undefined && dictionary > 0n && dictionary < pages ? dictionary : pages,
  );
  return { start, end: start + Number(size) };
};

/**
 * What a footer says of a column chunk that is elsewhere now. Its pages are as they were; their index and statistics,
 * which stand at other places or are written in other ways, are left out.
 */
export const movedChunk = ({ meta_data: data }: ColumnChunk, by: bigint): ColumnChunk => {
  const metadata = must(data, 'metadata of a column');
  const { dictionary_page_offset: dictionary } = metadata;
  const moved: ColumnMetaData = {
    type: metadata.type,
    encodings: metadata.encodings,
    path_in_schema: metadata.path_in_schema,
    codec: metadata.codec,
    num_values: metadata.num_values,
    total_uncompressed_size: metadata.total_uncompressed_size,
    total_compressed_size: metadata.total_compressed_size,
    data_page_offset: metadata.data_page_offset + by,
  };
  if (dictionary !== undefined && dictionary > 0n) moved.dictionary_page_offset = dictionary + by;
  return { file_offset: 0n, meta_data: moved };
};
