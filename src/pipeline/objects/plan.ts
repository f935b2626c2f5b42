import { resolvingAgain } from '../resolve-again.ts';
import { ConfigError, must } from '../../errors.ts';
import { finishedRun } from './manifest.ts';
import { runId } from './names.ts';
import { MOST_PARTS } from './object-store.ts';
import type { ObjectParts, ObjectRun, Shard, ShardTask } from './run.ts';
import { opened } from './shard.ts';
import type { Span } from './formats/format.ts';

export { finishedRun };

/** Each may be two parts of the output: its beginning, with the end of the one before, and the rest. */
const MOST_SHARDS = MOST_PARTS / 2 - 1;

export interface NamedObject {
  readonly bucket: string;
  readonly key: string;
  /** The newest, unless given. */
  readonly versionId?: string | undefined;
}

/**
 * A run of an object as it is now.
 *
 * @param model `name` or `name@version`; the default model, unless given
 * @throws ObjectError where there is no such object, or it must not be read; ConfigError where there are several
 *   default models; PermanentError (`unknown-model`)
 */
export const startRun = async (
  { versionId, ...name }: NamedObject,
  { store, models, settings }: Pick<ObjectParts, 'store' | 'models' | 'settings'>,
  model?: string,
): Promise<ObjectRun> => {
  const names = model === undefined ? undefined : [model];
  const [chosen, ...others] = await resolvingAgain(models, () => models.resolve(names));
  if (others.length > 0) throw new ConfigError('there are several default models; name one for each run');
  const known = must(chosen, 'model');
  const source = await store.head(name, versionId);
  return { id: runId(source, known, settings), source, model: known.id };
};

/**
 * The shards of a run: the same each time. An object that is larger than a shard is read once to find where records
 * begin and to count them, unless its format says it.
 *
 * @throws TransientError, ObjectError (`not-found`, `replaced`: the object was deleted or replaced)
 */
export const planShards = async (
  run: ObjectRun,
  parts: Pick<ObjectParts, 'store' | 'models' | 'settings'>,
): Promise<readonly ShardTask[]> => {
  const { size } = run.source;
  const whole: readonly Span[] = [{ start: 0, end: size, line: 0 }];
  const { object } = await opened(run, parts);
  // What cannot be read is a shard, too: it says so in the manifest.
  const spans =
    object === undefined
      ? whole
      : await object.divide(Math.max(parts.settings.shardBytes, Math.ceil(size / MOST_SHARDS)));
  return spans.map((span, index): ShardTask => {
    const shard: Shard = { index, count: spans.length, ...span };
    return { run, shard };
  });
};
