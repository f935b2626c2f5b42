import type { JobPlan } from './plan.ts';
import type { ShardWork } from './shard-work.ts';

/** A kind of job: how its shards are planned, and what is done with each. */
export interface JobKind {
  /**
   * Plans all shards, in the process that hands them out. It loads no model.
   *
   * @throws ConfigError, ModelError, ObjectError, TransientError
   */
  plan(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<JobPlan>;
  /** Opens what works shards, in each of the other processes. @throws ConfigError, ModelError */
  open(env: NodeJS.ProcessEnv): Promise<ShardWork>;
}
