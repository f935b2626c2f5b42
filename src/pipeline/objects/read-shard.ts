import { formatOf } from './formats/formats.ts';
import type { LineError, ObjectParts, ObjectRecord, ShardTask } from './run.ts';
import { taskOf } from '../../tasks/tasks.ts';
import { modelOf, sourceOf } from './shard.ts';

/**
 * The records of a shard with all of their attributes.
 *
 * @param onError receives why a record cannot be read
 * @throws FaultError after the last record that can be read; ObjectError, TransientError; the reason of the signal
 */
export async function* readShard(
  { run, shard }: ShardTask,
  { store, models, settings }: Pick<ObjectParts, 'store' | 'models' | 'settings'>,
  signal?: AbortSignal,
  onError: (error: LineError) => void = () => undefined,
): AsyncGenerator<ObjectRecord> {
  const task = taskOf(await modelOf(run, models));
  const format = formatOf(run.source.key, settings.format);
  const object = await format.open(sourceOf(store, run), { ...settings, task, whole: true });
  for await (const { records } of object.read(shard).chunks()) {
    signal?.throwIfAborted();
    for (const record of records) {
      if ('error' in record) onError(record.error);
      else yield { id: record.id, item: record.item };
    }
  }
}
