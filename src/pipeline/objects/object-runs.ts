import type { Meter } from '../meter.ts';
import type { ObjectName } from './object-store.ts';
import type { Manifest, ObjectFault, ObjectOutcome, ObjectRun, ShardTask } from './run.ts';

/** What a door asks of the work on objects; all of it may be done again at any time. */
export interface ObjectRuns {
  /** The default models, `name@version`: an object has a run for each. */
  models(): readonly string[];
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
