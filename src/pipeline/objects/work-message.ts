import { TransientError } from '../../errors.ts';
import type { Meter } from '../meter.ts';
import { endedRun, type MessageOutcome, worstOutcome } from './message-outcome.ts';
import { type CreatedObject, readMessage, shardBody } from './messages.ts';
import { ObjectError } from './object-store.ts';
import { type ObjectDoorParts, planObject } from './plan-object.ts';
import type { ShardTask } from './run.ts';

/**
 * Works on a message: on an object whole if it is one shard, else on sending its shards; or on a shard.
 *
 * @param signal aborts when there is no time left
 * @returns the outcome, of errors as well: it never rejects
 */
export const workMessage = async (
  body: string,
  parts: ObjectDoorParts,
  signal: AbortSignal,
  meter: Meter,
): Promise<MessageOutcome> => {
  const message = readMessage(body);
  if (message.kind === 'unreadable') return message;
  if (message.kind === 'nothing') return { kind: 'skipped', reason: message.reason };
  const about = aboutOf(message.kind === 'shard' ? message.task : message.objects);
  if (isOver(signal)) return { kind: 'late', ...about };
  try {
    const outcome =
      message.kind === 'shard'
        ? await workShard(message.task, parts, signal, meter)
        : await workObjects(message.objects, parts, signal, meter);
    return { ...about, ...outcome };
  } catch (error) {
    // What is under way when the time is over may fail in any way.
    if (isOver(signal)) return { kind: 'late', error, ...about };
    return { kind: 'failed', error: forQueue(error), ...about };
  }
};

const isOver = ({ aborted }: AbortSignal): boolean => aborted;

const aboutOf = (work: ShardTask | readonly CreatedObject[]): Pick<MessageOutcome, 'about'> => {
  if ('run' in work) {
    const { source } = work.run;
    const { index, count } = work.shard;
    return { about: { bucket: source.bucket, key: source.key, shard: `${index + 1}/${count}` } };
  }
  const [first] = work;
  return first === undefined ? {} : { about: { bucket: first.bucket, key: first.key } };
};

/** What the object store cannot have done is for an operator to fix, while the message waits. */
const forQueue = (error: unknown): unknown =>
  error instanceof ObjectError ? new TransientError(error.message, { cause: error, isLasting: true }) : error;

const workObjects = async (
  objects: readonly CreatedObject[],
  parts: ObjectDoorParts,
  signal: AbortSignal,
  meter: Meter,
): Promise<MessageOutcome> => {
  const tasks: ShardTask[] = [];
  const outcomes: MessageOutcome[] = [];
  for (const object of objects)
    for (const planned of await planObject(object, parts, signal))
      if (planned.kind === 'shards') tasks.push(...planned.tasks);
      else outcomes.push(planned);
  const [only, ...others] = tasks;
  if (only === undefined) return worstOutcome(outcomes);
  if (others.length === 0)
    return worstOutcome([...outcomes, await classifyShard(only, parts, signal, meter)]);
  await parts.queue.send(tasks.map(shardBody), signal);
  return { ...worstOutcome(outcomes), kind: 'planned', shards: tasks.length };
};

const workShard = async (
  task: ShardTask,
  parts: ObjectDoorParts,
  signal: AbortSignal,
  meter: Meter,
): Promise<MessageOutcome> =>
  // One that is delivered again after its run is over has nothing to do.
  (await parts.runs.finished(task.run)) === undefined
    ? classifyShard(task, parts, signal, meter)
    : { kind: 'unchanged' };

const classifyShard = async (
  task: ShardTask,
  { runs }: ObjectDoorParts,
  signal: AbortSignal,
  meter: Meter,
): Promise<MessageOutcome> => {
  const outcome = await runs.classify(task, signal, meter);
  return outcome.kind === 'done' ? endedRun(outcome.manifest) : outcome;
};
