import { must } from '../../../errors.ts';
import { FaultError, type Format, type OpenObject, type ReadObjectSettings, type Source } from './format.ts';
import { elementsOf, movedChunk, pagesOf } from './parquet-copy.ts';
import { openParquet, type ParquetFile } from './parquet-file.ts';
import { footerOf, groupsOf, rowGroupOf } from './parquet-foot.ts';
import { chunksOf, MAGIC, spansOf } from './parquet-groups.ts';
import { type ColumnPlan, planOf } from './parquet-plan.ts';
import { readerOf } from './parquet-read.ts';

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

const parquetObject = (
  source: Source,
  file: ParquetFile,
  plan: ColumnPlan,
  settings: ReadObjectSettings,
): OpenObject => ({
  task: settings.task,
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
        const { num_rows: rows } = must(file.metadata.row_groups[group.group], 'row group');
        return rowGroupOf(
          [
            ...chunksOf(file, plan.copied, group.group).map((chunk, index) =>
              movedChunk(
                chunk,
                BigInt(start + must(group.copied[index], 'place of a column') - pagesOf(chunk).start),
              ),
            ),
            ...group.chunks.map((chunk) => movedChunk(chunk, BigInt(start + group.added - MAGIC.length))),
          ],
          rows,
        );
      }),
    );
  },
});
