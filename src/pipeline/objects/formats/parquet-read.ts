import type { AttributeMap } from '../../../dynamodb-json/attributes.ts';
import {
  type Chunk,
  FaultError,
  NOTHING,
  type ReadObjectSettings,
  type ReadRecord,
  type ShardReader,
  type Source,
  type Span,
} from './format.ts';
import { attributeOfValue } from './json-record.ts';
import type { AddedGroup } from './parquet-added.ts';
import { pagesOf } from './parquet-copy.ts';
import type { ParquetFile } from './parquet-file.ts';
import { footOf, type WrittenGroup } from './parquet-foot.ts';
import { chunksOf, type Group, groupsIn, MAGIC, requirePages } from './parquet-groups.ts';
import type { ColumnPlan } from './parquet-plan.ts';

type Columns = readonly (readonly [name: string, values: ArrayLike<unknown>])[];

/** Reads the row groups of a span, and writes each when all of its records have their results. */
export const readerOf = (
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
  async function* groupBytes(index: number, added: AddedGroup): AsyncGenerator<Uint8Array> {
    const places: number[] = [];
    for (const chunk of chunksOf(file, plan.copied, index)) {
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
      let columns: Columns;
      try {
        requirePages(source, file, plan.copied, group);
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
): Promise<Columns> => {
  const names = whole && id !== undefined ? [...new Set([...needed, id])] : needed;
  const columns: (readonly [string, ArrayLike<unknown>])[] = [];
  for (const name of names) columns.push([name, await file.values(name, start, end)]);
  return columns;
};

/** @param ids where records are to have theirs: the column, and the number of rows before the first */
const recordsOf = (
  columns: Columns,
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
