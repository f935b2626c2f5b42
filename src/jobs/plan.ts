import pMap from 'p-map';
import { describeError, ObjectError } from '../errors.ts';
import { isFolder, isOwnOutput, type OwnOutput } from '../pipeline/objects/messages.ts';
import type { ObjectRuns } from '../pipeline/objects/object-runs.ts';
import type { ObjectName } from '../pipeline/objects/object-store.ts';
import type { ShardTask } from '../pipeline/objects/run.ts';

/** An object that a job is to work on. */
export interface WantedObject extends ObjectName {
  readonly versionId?: string | undefined;
  /** Bytes, where it was listed. */
  readonly size?: number | undefined;
  /** Somebody has named it: an error where it cannot be read, and not just one that is listed. */
  readonly isNamed: boolean;
}

/** All that a job has to do. It is JSON: the children of an array job share it. */
export interface JobPlan {
  readonly tasks: readonly ShardTask[];
  /** Objects that are found, not counting what is skipped. */
  readonly objects: number;
  /** Runs that were over before. */
  readonly finished: number;
  /** Objects that are none of ours to classify: outputs, folders, files of other formats. */
  readonly skipped: number;
  readonly faults: readonly PlanFault[];
}

/** An object that cannot be worked on. */
export interface PlanFault extends ObjectName {
  readonly reason: string;
}

export interface PlanParts {
  readonly runs: Pick<ObjectRuns, 'models' | 'start' | 'finished' | 'plan'>;
  readonly output: OwnOutput;
  /** Whether the key is that of a file of records. */
  readonly isKnown: (key: string) => boolean;
}

/** Objects that are looked at side by side. */
const CONCURRENCY = 16;

type Looked = Pick<JobPlan, 'tasks' | 'finished' | 'faults'> & { readonly isSkipped: boolean };

/**
 * Plans the shards of objects, in the order of the objects.
 *
 * @throws ObjectError where nothing can be read (no permission, no bucket); TransientError
 */
export const planJob = async (
  objects: AsyncIterable<WantedObject>,
  parts: PlanParts,
  signal: AbortSignal,
): Promise<JobPlan> => {
  const looked = await pMap(objects, (object) => look(object, parts, signal), { concurrency: CONCURRENCY });
  return {
    tasks: looked.flatMap(({ tasks }) => tasks),
    objects: looked.filter(({ isSkipped }) => !isSkipped).length,
    finished: looked.reduce((sum, { finished }) => sum + finished, 0),
    skipped: looked.filter(({ isSkipped }) => isSkipped).length,
    faults: looked.flatMap(({ faults }) => faults),
  };
};

const SKIPPED: Looked = { tasks: [], finished: 0, faults: [], isSkipped: true };

const look = async (
  object: WantedObject,
  { runs, output, isKnown }: PlanParts,
  signal: AbortSignal,
): Promise<Looked> => {
  if (isOwnOutput(object, output) || isFolder(object)) return SKIPPED;
  if (!object.isNamed && !isKnown(object.key)) return SKIPPED;
  const tasks: ShardTask[] = [];
  let finished = 0;
  try {
    for (const model of await runs.models()) {
      signal.throwIfAborted();
      const run = await runs.start(object, model);
      if ((await runs.finished(run)) === undefined) tasks.push(...(await runs.plan(run, signal)));
      else finished += 1;
    }
    return { tasks, finished, faults: [], isSkipped: false };
  } catch (error) {
    // One that is listed and gone by now is nobody's loss.
    if (!isOfObject(error)) throw error;
    if (!object.isNamed && error.code !== 'invalid-key') return SKIPPED;
    const { bucket, key } = object;
    return {
      tasks,
      finished,
      faults: [{ bucket, key, reason: describeError(error) }],
      isSkipped: false,
    };
  }
};

/** Other errors are of the bucket, and so of all objects. */
const isOfObject = (error: unknown): error is ObjectError =>
  error instanceof ObjectError && ['not-found', 'replaced', 'invalid-key'].includes(error.code);
