import type { ShardResult } from './shard-work.ts';

/** What a process that works shards tells the one that started it. */
export type FromWorker =
  | { readonly ready: true }
  /** It can never begin. */
  | { readonly unusable: string }
  | { readonly texts: number }
  | { readonly result: ShardResult }
  /** The shard was given up because it was told to. */
  | { readonly stopped: true };

/** What it is told. */
export type ToWorker<Task> =
  | { readonly task: Task }
  /** The job ends: a shard that takes long does so where it can go on. */
  | { readonly stop: true }
  | { readonly abort: true }
  | { readonly end: true };
