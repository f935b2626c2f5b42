import type { ObjectName } from '../pipeline/objects/object-store.ts';
import type { TaskName } from './job-kind.ts';
import type { ShardResult } from './shard-work.ts';

/** A shard, or an object, that failed. */
export type Failure<Place extends object> = Place & {
  /** `2/5`; absent where it is the object. */
  readonly shard?: string;
  readonly reason: string;
};

/** What became of the shards of a job. */
export interface Tally<Place extends object = ObjectName> {
  readonly shards: number;
  /** Objects that are finished, each with each of its models. */
  readonly objects: number;
  readonly superseded: number;
  readonly failures: readonly Failure<Place>[];
  /** Of finished objects: `lines`, `labelled` … */
  readonly counts: Readonly<Record<string, number>>;
  /** Errors of single lines, by their codes. */
  readonly errors: Readonly<Record<string, number>>;
  /** The most memory that one of the processes has taken, in MB. */
  readonly peakMB: number;
}

/** Adds results up, each run's once: several of its shards may see that it is done. */
export const tallyResults = <Place extends object>() => {
  let shards = 0;
  let superseded = 0;
  let peakMB = 0;
  const failures: Failure<Place>[] = [];
  const counts: Record<string, number> = {};
  const errors: Record<string, number> = {};
  const over = new Set<string>();
  const add = (sums: Record<string, number>, more: Readonly<Record<string, number>> = {}): void => {
    for (const [name, value] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + value;
  };
  return {
    add: ({ whole, place, shard }: TaskName<Place>, result: ShardResult): void => {
      shards += 1;
      peakMB = Math.max(peakMB, result.peakMB ?? 0);
      const isOfObject = result.counts !== undefined || result.kind === 'superseded';
      if (isOfObject && over.has(whole)) return;
      if (isOfObject) over.add(whole);
      if (result.kind === 'superseded') superseded += 1;
      add(counts, result.counts);
      add(errors, result.errors);
      if (result.kind !== 'failed') return;
      failures.push({ ...place, reason: result.reason ?? '', ...(!isOfObject && { shard }) });
    },
    read: (): Tally<Place> => ({
      ...{ shards, objects: over.size - superseded, superseded },
      ...{ failures, counts, errors, peakMB },
    }),
  };
};
