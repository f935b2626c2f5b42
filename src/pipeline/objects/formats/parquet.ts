import { must } from '../../../errors.ts';
import type { AttributeMap } from '../../../dynamodb-json/attributes.ts';
import { addedColumns } from './added-columns.ts';
import {
  type Chunk,
  FaultError,
  type Format,
  NOTHING,
  type OpenObject,
  type ReadObjectSettings,
  type ReadRecord,
  type ShardReader,
  type Source,
  type Span,
} from './format.ts';
import { attributeOfValue, neededNames } from './json-record.ts';
import { type AddedToFile, addedToFile } from './parquet-added.ts';
import { elementsOf, movedChunk, pagesOf } from './parquet-copy.ts';
import { openParquet, type ParquetFile } from './parquet-file.ts';
import { footerOf, footOf, groupsOf, rowGroupOf, type WrittenGroup } from './parquet-foot.ts';

const MAGIC = Buffer.from('PAR1');

/**
 * Parquet. The row groups of the output are those of the input: columns of the input are copied as they are, those of
 * the answers are added. Memory holds the texts of a row group.
 *
 * @see https://parquet.apache.org/docs/file-format/
 */
export const parquet: Format = {
  name: 'parquet',
  isNamed: (key) => /\.(parquet|pq)$/i.test(key),
  contentType: 'application/vnd.apache.parquet',
  open: async (source, settings) => {
    if (source.head.size === 0) throw new FaultError('empty', `${source.head.key} has no bytes`);
    const file = await openParquet(source);
    return parquetObject(source, file, planOf(source, file, settings), settings);
  },
};

/** Which columns are read, copied and added. */
interface ColumnPlan {
  readonly needed: readonly string[];
  readonly id: string | undefined;
  readonly copied: readonly string[];
  readonly added: AddedToFile;
}

const planOf = ({ head }: Source, { columns }: ParquetFile, settings: ReadObjectSettings): ColumnPlan => {
  const names = columns.map(({ element }) => element.name);
  const { textAttributes, idAttributes, join, whole = false, task } = settings;
  if (!textAttributes.some(({ name, path }) => names.includes(name) || names.includes(String(path[0]))))
    throw new FaultError(
      'missing-column',
      `${head.key} has no column ${textAttributes.map(({ name }) => name).join(' or ')}; its columns are ${names.join(', ')}`,
    );
  const id = idAttributes.find((name) => names.includes(name));
  const copied = join ? names : id === undefined ? [] : [id];
  return {
    needed: whole ? names : neededNames(settings).filter((name) => names.includes(name)),
    id,
    copied,
    added: addedToFile(
      addedColumns(task, copied, join ? 'prediction_' : ''),
      join || id !== undefined ? undefined : 'recordId',
    ),
  };
};

const parquetObject = (
  source: Source,
  file: ParquetFile,
  plan: ColumnPlan,
  settings: ReadObjectSettings,
): OpenObject => ({
  divide: async (bytes) => spansOf(file, bytes),
  read: (span) => readerOf(source, file, plan, settings, span),
  tail: (feet) => {
    const groups = feet.flatMap((foot) => groupsOf(foot).map((group) => ({ group, start: foot.start })));
    const copied = file.columns.filter(({ element }) => plan.copied.includes(element.name));
    const schema = [
      { name: 'schema', num_children: plan.copied.length + plan.added.elements.length },
      ...copied.flatMap(elementsOf),
      ...plan.added.elements,
    ];
    return footerOf(
      file.metadata,
      schema,
      groups.map(({ group, start }) => {
        const { columns, rows } = copiedColumns(file, plan, group.group);
        return rowGroupOf(
          [
            ...columns.map((chunk, index) =>
              movedChunk(
                chunk,
                BigInt(start + must(group.copied[index], 'place of a column') - pagesOf(chunk).start),
              ),
            ),
            ...group.chunks.map((chunk) => movedChunk(chunk, BigInt(start + group.added - MAGIC.length))),
          ],
          BigInt(rows),
        );
      }),
    );
  },
});

const copiedColumns = ({ metadata }: ParquetFile, { copied }: ColumnPlan, index: number) => {
  const { columns, num_rows: rows } = must(metadata.row_groups[index], 'row group');
  return {
    columns: columns.filter(({ meta_data: data }) => copied.includes(String(data?.path_in_schema[0]))),
    rows: Number(rows),
  };
};

interface Group extends Span {
  readonly index: number;
  readonly bytes: number;
}

/** The row groups with their rows. */
const groupsIn = ({ metadata }: ParquetFile): readonly Group[] => {
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

const spansOf = (file: ParquetFile, bytes: number): readonly Span[] => {
  const spans: Span[] = [];
  let start = 0;
  let size = 0;
  let end = 0;
  for (const group of groupsIn(file)) {
    end = group.end;
    size += group.bytes;
    if (size < bytes) continue;
    spans.push({ start, end, line: start });
    [start, size] = [end, 0];
  }
  return start < end || spans.length === 0 ? [...spans, { start, end, line: start }] : spans;
};

const readerOf = (
  source: Source,
  file: ParquetFile,
  plan: ColumnPlan,
  { chunkSize, whole = false }: ReadObjectSettings,
  span: Span,
): ShardReader => {
  const written: WrittenGroup[] = [];
  const head = span.start === 0 ? MAGIC : NOTHING;
  let at = head.length;

  /** The bytes of a row group: its copied columns, and those that were added. */
  async function* groupBytes(
    index: number,
    added: ReturnType<AddedToFile['group']>,
  ): AsyncGenerator<Uint8Array> {
    const places: number[] = [];
    for (const chunk of copiedColumns(file, plan, index).columns) {
      const pages = pagesOf(chunk);
      places.push(at);
      at += pages.end - pages.start;
      if (pages.end > pages.start) yield* source.read(pages);
    }
    const { bytes, chunks } = added.encoded();
    written.push({ group: index, copied: places, added: at, chunks });
    at += bytes.length;
    yield bytes;
  }

  async function* chunks(): AsyncGenerator<Chunk> {
    let fault: FaultError | undefined;
    for (const group of groupsIn(file).filter(
      ({ start, end }) => start >= span.start && end <= span.end && end > start,
    )) {
      let columns: readonly (readonly [string, ArrayLike<unknown>])[];
      try {
        columns = await columnsOf(file, plan, group, whole);
      } catch (error) {
        if (!(error instanceof FaultError)) throw error;
        // The other row groups do not depend on it.
        fault ??= error;
        continue;
      }
      const added = plan.added.group(group.start);
      for (let start = group.start; start < group.end; start += chunkSize) {
        const end = Math.min(start + chunkSize, group.end);
        yield {
          records: recordsOf(
            columns,
            start - group.start,
            end - group.start,
            whole ? { ...plan, first: start } : undefined,
          ),
          write: (results) => {
            added.add(results);
            return end === group.end ? groupBytes(group.index, added) : NOTHING;
          },
        };
      }
    }
    if (fault !== undefined) throw fault;
  }
  return { head, chunks, foot: () => footOf(written) };
};

const columnsOf = async (
  file: ParquetFile,
  { needed, id }: ColumnPlan,
  { start, end }: Group,
  whole: boolean,
) => {
  const names = whole && id !== undefined ? [...new Set([...needed, id])] : needed;
  const columns: (readonly [string, ArrayLike<unknown>])[] = [];
  for (const name of names) columns.push([name, await file.values(name, start, end)]);
  return columns;
};

/** @param ids where records are to have theirs: the column, and the number of rows before the first */
const recordsOf = (
  columns: readonly (readonly [string, ArrayLike<unknown>])[],
  start: number,
  end: number,
  ids: { readonly id: string | undefined; readonly first: number } | undefined,
): readonly ReadRecord[] =>
  Array.from({ length: end - start }, (_, index) => {
    const item: Record<string, AttributeMap[string]> = {};
    let id: unknown;
    for (const [name, values] of columns) {
      const value = values[start + index];
      if (name === ids?.id) id = value;
      item[name] = attributeOfValue(value);
    }
    return ids === undefined ? { item } : { item, id: id ?? ids.first + index + 1 };
  });
