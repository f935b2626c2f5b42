import { TransientError } from '../../errors.ts';
import { areAllThere, assemble, deleteParts, reportOf } from './assemble.ts';
import { finishedRun, finishRun, isOnce, removeOther } from './manifest.ts';
import { outputName, partName, reportName } from './names.ts';
import { ObjectError } from './object-store.ts';
import type { ObjectOutcome, ObjectParts, ShardTask } from './run.ts';
import { SupersededError, workShard } from './shard.ts';
import { isGone } from './stored-json.ts';

/**
 * Works one shard of a run; the last to be done makes the output of the parts of all, and writes the manifest. It may run
 * any number of times, at the same time, and in any order with the others: what it writes is the same to the byte, and
 * after the manifest is written it does nothing.
 *
 * @throws TransientError where it may work later, or an operator has to act (`isLasting`); the reason of the signal
 */
export const classifyShard = async (
  task: ShardTask,
  parts: ObjectParts,
  signal?: AbortSignal,
): Promise<ObjectOutcome> => {
  try {
    return await outcomeOf(task, parts, signal);
  } catch (error) {
    if (error instanceof SupersededError) {
      await deleteParts(task.run, parts);
      return { kind: 'superseded', reason: error.message };
    }
    // A part that is gone is written again.
    if (error instanceof ObjectError)
      throw new TransientError(error.message, { isLasting: !isGone(error), cause: error });
    throw error;
  }
};

const outcomeOf = async (
  task: ShardTask,
  parts: ObjectParts,
  signal: AbortSignal | undefined,
): Promise<ObjectOutcome> => {
  const { run, shard } = task;
  const finished = await finishedRun(run, parts);
  if (finished !== undefined) {
    await deleteParts(run, parts);
    return { kind: 'done', manifest: finished };
  }
  if (shard.count === 1) {
    await removeOther(run, parts);
    const target = { name: outputName(run, parts.settings.output), ifAbsent: isOnce(parts), isWhole: true };
    const worked = await workShard(task, parts, target, signal);
    return { kind: 'done', manifest: await finishRun(run, [worked.report], worked, parts) };
  }
  if ((await reportOf(run, shard.index, parts)) === undefined) await workPart(task, parts, signal);
  if (await areAllThere(run, shard.count, parts))
    return { kind: 'done', manifest: await assemble(run, shard.count, parts) };
  // Where the others were done while this was working, a second time, nobody would delete its part.
  const done = await finishedRun(run, parts);
  if (done === undefined) return { kind: 'partial' };
  await deleteParts(run, parts);
  return { kind: 'done', manifest: done };
};

/** Writes the part of a shard, and then its report. */
const workPart = async (
  task: ShardTask,
  parts: ObjectParts,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const { run, shard } = task;
  const { store, settings } = parts;
  const target = { name: partName(run, settings.output, shard.index), ifAbsent: true, isWhole: false };
  const { report } = await workShard(task, parts, target, signal);
  await store.put(reportName(run, settings.output, shard.index), Buffer.from(JSON.stringify(report)), {
    contentType: 'application/json',
    ifAbsent: true,
  });
};
