import { ConfigError, ObjectError } from '../../errors.ts';
import { FaultError } from '../../pipeline/objects/formats/format.ts';
import type { ObjectStore } from '../../pipeline/objects/object-store.ts';
import { planShards } from '../../pipeline/objects/plan.ts';
import { readShard } from '../../pipeline/objects/read-shard.ts';
import type { ObjectSettings } from '../../pipeline/objects/run.ts';
import type { DocumentSettings } from '../../pipeline/items/document.ts';
import type { Place } from '../objects/place.ts';
import { readExportManifest } from './manifest.ts';
import type { ItemSource, Page, Position } from '../../pipeline/relabel/source.ts';

const MAX_LINE_BYTES = 16 * 2 ** 20;

/** How a file of an export is read. Nothing is written beside it. */
const settingsOf = (settings: DocumentSettings): ObjectSettings => ({
  ...settings,
  format: 'dynamodb-export',
  idAttributes: settings.keyAttributes,
  join: false,
  maxLineBytes: MAX_LINE_BYTES,
  // A compressed file is one shard.
  shardBytes: Number.MAX_SAFE_INTEGER,
  chunkSize: 1_000,
  output: { bucket: '', prefix: '', naming: 'plain' },
});

export interface ExportOptions {
  /** `<prefix>/AWSDynamoDB/<id>/` */
  readonly place: Place;
  /** ARN, or name, of the table that it is of. */
  readonly table: string;
  readonly settings: DocumentSettings;
  readonly pageSize: number;
}

/**
 * The items of a point-in-time export in S3, file by file. They are as they were then: what has changed since does not
 * meet the condition of its write.
 *
 * @throws ConfigError where there is no such export, or it is of another table
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */
export const exportSource = async (
  store: ObjectStore,
  { place, table, settings, pageSize }: ExportOptions,
): Promise<ItemSource> => {
  const files = await readExportManifest(store, place, table);
  const objects = settingsOf(settings);
  const pages = async function* (key: string, from: Position | undefined, signal: AbortSignal) {
    const skipped = from !== undefined && from !== 'done' && 'line' in from ? from.line : 0;
    const source = await store.head({ bucket: place.bucket, key });
    const parts = { store, settings: objects };
    let line = 0;
    let items: Page['items'][number][] = [];
    let unreadable = 0;
    const page = (next: Position): Page => {
      const full = { items, unreadable, next };
      [items, unreadable] = [[], 0];
      return full;
    };
    const onError = (): void => {
      line += 1;
      if (line > skipped) unreadable += 1;
    };
    for (const task of await planShards({ id: key, source, model: '' }, parts)) {
      for await (const { item } of readShard(task, parts, signal, onError)) {
        line += 1;
        if (line <= skipped) continue;
        items.push(item);
        if (items.length === pageSize) yield page({ line });
      }
    }
    yield page('done');
  };
  return {
    parts: files,
    pages: async function* (key, from, signal) {
      try {
        yield* pages(key, from, signal);
      } catch (cause) {
        if (!(cause instanceof FaultError || cause instanceof ObjectError)) throw cause;
        throw new ConfigError(
          `The file ${key} of the export cannot be read: ${cause.message}. Export the table again, or use the scan.`,
          { cause },
        );
      }
    },
  };
};
