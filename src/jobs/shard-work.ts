/** What became of a shard. All of it is JSON: it goes from one process to another. */
export interface ShardResult {
  /**
   * `done`: the object that it is of is finished, too. `partial`: other shards of it are not. `superseded`: the object
   * was deleted or replaced. `failed`: see the reason.
   */
  readonly kind: 'done' | 'partial' | 'superseded' | 'failed';
  /** What was counted: `lines`, `labelled` … */
  readonly counts?: Readonly<Record<string, number>>;
  /** Errors of single lines, by their codes. */
  readonly errors?: Readonly<Record<string, number>>;
  readonly reason?: string;
  /** The most memory that the process has taken so far, in MB. */
  readonly peakMB?: number;
}

/**
 * What a job does with its shards: they are classified, or their records are relabelled in a table. It runs in a
 * process of its own, one shard at a time.
 */
export interface ShardWork<Task> {
  /**
   * Works a shard, as often as it is asked for: what is done already is not done again.
   *
   * @param signal ends it in the middle; it then rejects with the signal's reason
   * @throws TransientError where it can be tried again; the reason of `stop`, where it ends early and goes on another time
   */
  work(task: Task, signal: AbortSignal): Promise<ShardResult>;
  /** Receives how many texts were classified, now and then. */
  onTexts?(listen: (texts: number) => void): void;
}

/** What ends the work of a process. */
export interface WorkSignals {
  /** No shard is begun any more: those that take long are ended where they can go on. */
  readonly stop: AbortSignal;
  /** Those that have begun are given up. */
  readonly signal: AbortSignal;
}

/** The variable that tells a process that it works shards for another, and its number. */
export const WORKER = 'LABELSTREAM_WORKER';

/** The variable that tells it how many processes there are, those of all children of an array job together. */
export const PROCESSES = 'LABELSTREAM_PROCESSES';
