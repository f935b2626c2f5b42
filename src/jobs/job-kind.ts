import type { PlanFault } from './plan.ts';
import type { ShardWork, WorkSignals } from './shard-work.ts';

/** A kind of job: how its shards are planned, and what is done with each. */
export interface JobKind<Task> {
  /**
   * Plans all shards, in the process that hands them out. It loads no model.
   *
   * @throws ConfigError, ModelError, ObjectError, TransientError
   */
  plan(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<PlannedJob<Task>>;
  /** Opens what works shards, in each of the other processes. @throws ConfigError, ModelError */
  open(env: NodeJS.ProcessEnv, signals: WorkSignals): Promise<ShardWork<Task>>;
  nameOf(task: Task): TaskName;
}

/** All that a job has to do, and what was found beside it, for the log. */
export interface PlannedJob<Task> {
  readonly tasks: readonly Task[];
  /** What cannot be worked on. */
  readonly faults: readonly PlanFault[];
}

/** What a shard is called in the log. */
export interface TaskName<Place extends object = object> {
  /** What it is a shard of: results that have counts are those of all of it. */
  readonly whole: string;
  /** Where that is: `bucket` and `key`. */
  readonly place: Place;
  /** `2/5` */
  readonly shard: string;
  /** `name@version` */
  readonly model: string;
}
