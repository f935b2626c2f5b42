import { type CreatedObject, isFolder, isOwnOutput, type OwnOutput } from './messages.ts';
import { endedRun, type MessageOutcome } from './message-outcome.ts';
import type { MessageQueue, ObjectRuns } from './object-runs.ts';
import type { ObjectFault, ObjectRun, ShardTask } from './run.ts';
import { SupersededError } from './shard.ts';
import { isGone } from './stored-json.ts';

export interface ObjectDoorSettings {
  readonly output: OwnOutput;
  /** The largest share of an object, in bytes: more is too much for an invocation. */
  readonly maxShareBytes: number;
}

export interface ObjectDoorParts {
  readonly runs: ObjectRuns;
  readonly queue: MessageQueue;
  readonly settings: ObjectDoorSettings;
}

/** The shards that a run needs, or what it ended as. */
export type Planned = { readonly kind: 'shards'; readonly tasks: readonly ShardTask[] } | MessageOutcome;

/** The shards that an object needs with each model. @throws ObjectError, TransientError */
export const planObject = async (
  object: CreatedObject,
  { runs, settings }: ObjectDoorParts,
  signal: AbortSignal,
): Promise<readonly Planned[]> => {
  if (isOwnOutput(object, settings.output)) return [{ kind: 'skipped', reason: 'own-output' }];
  if (isFolder(object)) return [{ kind: 'skipped', reason: 'folder' }];
  const planned: Planned[] = [];
  try {
    for (const model of await runs.models()) {
      signal.throwIfAborted();
      const run = await runs.start(object, model);
      if (object.etag !== undefined && run.source.etag !== object.etag)
        return [{ kind: 'superseded', reason: 'another object has its name by now' }];
      planned.push(await planRun(run, runs, settings, signal));
    }
    return planned;
  } catch (error) {
    if (isGone(error) || error instanceof SupersededError)
      return [{ kind: 'superseded', reason: error.message }];
    throw error;
  }
};

const planRun = async (
  run: ObjectRun,
  runs: ObjectRuns,
  { maxShareBytes }: ObjectDoorSettings,
  signal: AbortSignal,
): Promise<Planned> => {
  if ((await runs.finished(run)) !== undefined) return { kind: 'unchanged' };
  const tasks = await runs.plan(run, signal);
  if (run.source.size / Math.max(1, tasks.length) <= maxShareBytes) return { kind: 'shards', tasks };
  return endedRun(await runs.refuse(run, tooLarge(run, tasks.length, maxShareBytes)));
};

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MB`;

const tooLarge = ({ source: { size } }: ObjectRun, shards: number, limit: number): ObjectFault => ({
  code: 'object-too-large',
  message:
    `The object has ${megabytes(size)}` +
    (shards === 1 ? ' and cannot be divided' : ` and cannot be divided into more than ${shards} shards`) +
    `; the function takes shares of ${megabytes(limit)}. Run it as a batch job, raise objectsMaxMB (and objectsTimeout), ` +
    'or write the object uncompressed or with smaller row groups.',
});
