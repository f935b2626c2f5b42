import { ObjectError, TransientError } from '../../errors.ts';
import { classifyObjects, shardName } from '../../jobs/classify-objects.ts';
import type { JobPlan } from '../../jobs/plan.ts';
import { workShards } from '../../jobs/pool.ts';
import { type Tally, tallyResults } from '../../jobs/tally.ts';
import type { ObjectName } from '../../pipeline/objects/object-store.ts';
import type { ShardTask } from '../../pipeline/objects/run.ts';
import { UserError } from '../user-error.ts';

export interface LocalBatchOptions {
  /** Settings of the job (`src/wire/jobs-config.ts`), and those of the process. */
  readonly env: NodeJS.ProcessEnv;
  /** The program of its processes: `src/main.ts`. */
  readonly program: string;
  readonly workers: number;
  /** No shard is begun any more. */
  readonly stop: AbortSignal;
  /** Those that have begun are given up. */
  readonly abort: AbortSignal;
  readonly onProgress?: (progress: BatchProgress) => void;
}

export interface BatchProgress {
  /** Of the input, where nothing was done before. */
  readonly bytes: number;
  readonly totalBytes: number;
  readonly texts: number;
}

/** What a batch on this machine has done. */
export interface BatchReport {
  /** Objects that were found; those of other kinds are skipped. */
  readonly objects: number;
  readonly skipped: number;
  /** Runs, of an object with a model, that were over before. */
  readonly finishedBefore: number;
  readonly tally: Tally;
  /** Shards that were not done because it was stopped; undefined where it was stopped while it was planned. */
  readonly left: number | undefined;
  readonly texts: number;
  readonly seconds: number;
}

/**
 * Classifies objects in processes of this machine. What is done already, by a run that was killed, is not done again.
 *
 * @throws UserError where objects cannot be read or written at all, or there are none; ConfigError, ModelError
 */
export const runLocalBatch = async (options: LocalBatchOptions): Promise<BatchReport> => {
  const { env, program, workers, stop, abort, onProgress } = options;
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1_000;
  const tally = tallyResults<ObjectName>();
  const plan = await planned(env, stop);
  if (plan === undefined) return { ...NOTHING, tally: tally.read(), left: undefined, seconds: seconds() };
  const { tasks, objects, skipped, finished, faults } = plan;
  if (objects === 0)
    throw new UserError(
      `There is nothing to classify in ${env.INPUT}: ` +
        (skipped > 0 ? `${skipped} files, none of them of a known kind (or set --format).` : 'it is empty.'),
    );
  const bytesOf = ({ run, shard }: ShardTask): number => run.source.size / shard.count;
  const totalBytes = tasks.reduce((sum, task) => sum + bytesOf(task), 0);
  let [bytes, texts] = [0, 0];
  const tell = () => onProgress?.({ bytes, totalBytes, texts });
  tell();
  const left = await workShards(tasks, {
    workers,
    program: { file: program, args: ['job', 'classify-objects'], env },
    stop,
    abort,
    onTexts: (more) => {
      texts += more;
      tell();
    },
    onResult: (task, result) => {
      tally.add(shardName(task), result);
      bytes += bytesOf(task);
      tell();
    },
  });
  const done = tally.read();
  return {
    ...{ objects, skipped, finishedBefore: finished, left, texts },
    tally: { ...done, failures: [...faults, ...done.failures] },
    seconds: seconds(),
  };
};

const NOTHING = { objects: 0, skipped: 0, finishedBefore: 0, texts: 0 } as const;

/** @returns undefined where it was stopped */
const planned = async (env: NodeJS.ProcessEnv, stop: AbortSignal): Promise<JobPlan | undefined> => {
  try {
    return await classifyObjects.plan(env, stop);
  } catch (cause) {
    if (stop.aborted) return undefined;
    // Of a bucket, a folder or the network, and its message says what to do.
    if (cause instanceof ObjectError || cause instanceof TransientError)
      throw new UserError(cause.message, { cause });
    throw cause;
  }
};
