import type { Meter } from '../meter.ts';
import { classifyShard } from './classify-shard.ts';
import { refuseRun } from './manifest.ts';
import type { ObjectName, ObjectStore } from './object-store.ts';
import { finishedRun, planShards, startRun } from './plan.ts';
import type { Manifest, ObjectFault, ObjectOutcome, ObjectParts, ObjectRun, ShardTask } from './run.ts';

/** What a door asks of the work on objects; all of it may be done again at any time. */
export interface ObjectRuns {
  /** The default models, `name@version`: an object has a run for each. */
  models(): Promise<readonly string[]>;
  /**
   * The run of an object with a model: of the version that is named, else of the newest one.
   *
   * @throws ObjectError, TransientError
   */
  start(name: ObjectName & { readonly versionId?: string | undefined }, model: string): Promise<ObjectRun>;
  /** The manifest of a run that is over; undefined while it is not. */
  finished(run: ObjectRun): Promise<Manifest | undefined>;
  /** The shards of a run: one, or many that anyone may work on. */
  plan(run: ObjectRun, signal: AbortSignal): Promise<readonly ShardTask[]>;
  /** Works on a shard; rejects when the signal aborts. */
  classify(task: ShardTask, signal: AbortSignal, meter: Meter): Promise<ObjectOutcome>;
  /** Ends a run whose object is not read, with a manifest that says why. */
  refuse(run: ObjectRun, fault: ObjectFault): Promise<Manifest>;
}

/** Runs over the objects of a store. */
export const objectRuns = (parts: ObjectParts): ObjectRuns => ({
  models: async () => {
    await parts.models.renew?.();
    return parts.models.resolve().map(({ id }) => id);
  },
  start: (name, model) => startRun(name, parts, model),
  finished: (run) => finishedRun(run, parts),
  plan: (run, signal) => planShards(run, { ...parts, store: readingUntil(signal, parts.store) }),
  classify: (task, signal, meter) => classifyShard(task, { ...parts, meter }, signal),
  refuse: (run, fault) => refuseRun(run, fault, parts),
});

/** Planning may read the whole of a large object, and begins again when it is stopped. */
const readingUntil = (signal: AbortSignal, store: ObjectStore): ObjectStore => ({
  ...store,
  read: async function* (object, range) {
    for await (const chunk of store.read(object, range)) {
      signal.throwIfAborted();
      yield chunk;
    }
  },
});

/** The queue that a door's messages come from. */
export interface MessageQueue {
  /** @throws TransientError unless all of them are in the queue; some may be */
  send(bodies: readonly string[], signal?: AbortSignal): Promise<void>;
  /**
   * Has a message delivered again, so many seconds from now, instead of when its visibility timeout ends.
   *
   * @throws TransientError where it cannot be set: the visibility timeout counts then
   */
  delay(receipt: string, seconds: number): Promise<void>;
}
