import { setTimeout as sleep } from 'node:timers/promises';
import { must, ObjectError } from '../errors.ts';
import type { ObjectName, ObjectStore } from '../pipeline/objects/object-store.ts';
import { contentOf } from '../pipeline/objects/stored-json.ts';
import type { ShardTask } from '../pipeline/objects/run.ts';
import type { JobPlan } from './plan.ts';

export interface SharedPlanOptions {
  /** Whether this child makes the plan; the others wait for it, and make one only if none comes. */
  readonly isMaker: boolean;
  readonly signal: AbortSignal;
  readonly waitMs?: number;
  readonly pollMs?: number;
}

/** Planning reads objects once; the child that does it may start a while after the others. */
const WAIT_MS = 600_000;
const POLL_MS = 5_000;

/**
 * The plan of an array job, which all of its children share: the first that has made one writes it, the others take
 * that one, whatever was put into the bucket meanwhile. So does a child that is tried again.
 *
 * @param name where it is kept
 * @throws ObjectError, TransientError, the signal's reason
 */
export const sharedPlan = async (
  store: ObjectStore,
  name: ObjectName,
  make: () => Promise<JobPlan>,
  { isMaker, signal, waitMs = WAIT_MS, pollMs = POLL_MS }: SharedPlanOptions,
): Promise<JobPlan> => {
  const tries = isMaker ? 0 : Math.ceil(waitMs / pollMs);
  for (let waited = 0; ; waited += 1) {
    const found = await readPlan(store, name);
    if (found !== undefined) return found;
    if (waited >= tries) break;
    await sleep(pollMs, undefined, { signal });
  }
  const made = await make();
  const isFirst = (await store.put(name, encode(made), { ifAbsent: true })) === 'written';
  return (isFirst ? undefined : await readPlan(store, name)) ?? made;
};

/** Where the plan of a job is. @param id of the job, or of a child: a colon and its index are after that of the job */
export const planKey = (prefix: string, id: string): string =>
  `${prefix}.parts/jobs/${must(id.split(':')[0], 'id of the job')}.jsonl`;

/** The shards that are this child's: every so many, so that the shards of a large object are spread. */
export const shareOf = <Task>(tasks: readonly Task[], index: number, size: number): readonly Task[] =>
  tasks.filter((_, position) => position % size === index);

/** How many processes all children together have that have something to do. @param workers of a child, at most */
export const processesOf = (tasks: number, children: number, workers: number): number => {
  const [least, more] = [Math.floor(tasks / children), tasks % children];
  return more * Math.min(workers, least + 1) + (children - more) * Math.min(workers, least);
};

/** A line for what was found, and one for each shard. */
const encode = ({ tasks, ...found }: JobPlan): Uint8Array =>
  Buffer.from([found, ...tasks].map((line) => `${JSON.stringify(line)}\n`).join(''));

/** @returns undefined where it is not made yet */
export const readPlan = async (store: ObjectStore, name: ObjectName): Promise<JobPlan | undefined> => {
  try {
    const [found, ...tasks] = (await contentOf(store, name))
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);
    return { ...(found as Omit<JobPlan, 'tasks'>), tasks: tasks as readonly ShardTask[] };
  } catch (error) {
    if (error instanceof ObjectError && error.code === 'not-found') return undefined;
    throw error;
  }
};
