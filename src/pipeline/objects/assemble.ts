import { must } from '../../errors.ts';
import { formatOf } from './formats/formats.ts';
import { NOTHING } from './formats/format.ts';
import { joinObjects } from './join-objects.ts';
import { finishedRun, finishRun, isOnce, removeOther } from './manifest.ts';
import { outputName, partName, partsPrefix, reportName } from './names.ts';
import { ObjectError, type ObjectHead } from './object-store.ts';
import type { ShardReport } from './report.ts';
import type { Manifest, ObjectParts, ObjectRun } from './run.ts';
import { opened } from './shard.ts';
import { isGone, jsonOf } from './stored-json.ts';

type Stored = Pick<ObjectParts, 'store' | 'settings'>;
type Readable = Pick<ObjectParts, 'store' | 'models' | 'settings'>;

/** Reports that are read at a time. */
const READS = 16;

/** Whether all shards of a run have written their reports. */
export const areAllThere = async (
  run: ObjectRun,
  count: number,
  { store, settings: { output } }: Stored,
): Promise<boolean> => {
  let reports = 0;
  for await (const { key } of store.list(output.bucket, partsPrefix(run, output)))
    if (key.endsWith('.json')) reports += 1;
  return reports >= count;
};

/**
 * Makes the output of the parts of all shards, writes the manifest and deletes the parts. Whoever does it at the same
 * time writes the same; whoever comes too late finds the manifest.
 */
export const assemble = async (run: ObjectRun, count: number, parts: Readable): Promise<Manifest> => {
  try {
    const reports = await reportsOf(run, count, parts);
    const written = await joined(run, reports, parts);
    const manifest = await finishRun(run, reports, written, parts);
    await deleteParts(run, parts);
    return manifest;
  } catch (error) {
    // Another may have finished the run, and deleted the parts.
    const manifest = isGone(error) ? await finishedRun(run, parts) : undefined;
    if (manifest === undefined) throw error;
    return manifest;
  }
};

export const reportOf = async (run: ObjectRun, index: number, { store, settings }: Stored) =>
  (await jsonOf(store, reportName(run, settings.output, index))) as ShardReport | undefined;

const reportsOf = async (run: ObjectRun, count: number, parts: Stored): Promise<readonly ShardReport[]> => {
  const reports: ShardReport[] = [];
  for (let start = 0; start < count; start += READS) {
    const some = Array.from({ length: Math.min(READS, count - start) }, (_, index) => start + index);
    const read = await Promise.all(some.map((index) => reportOf(run, index, parts)));
    for (const [index, report] of read.entries()) {
      if (report === undefined)
        throw new ObjectError(
          'not-found',
          `the report of shard ${start + index} of ${run.source.key} is gone`,
        );
      reports.push(report);
    }
  }
  return reports;
};

/** Writes the output of all shards. */
const joined = async (run: ObjectRun, reports: readonly ShardReport[], parts: Readable) => {
  const { store, settings } = parts;
  const sizes = reports.map(({ bytes }) => bytes);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  // As with a single shard: nothing but a fault is no output.
  if (reports.some(({ error }) => error !== undefined) && reports.every(({ counts }) => counts.lines === 0))
    return { bytes: 0, result: undefined };
  const tail = await tailOf(run, reports, parts);
  const shards: ObjectHead[] = [];
  const heads = new Map<string, ObjectHead>();
  for await (const head of store.list(settings.output.bucket, partsPrefix(run, settings.output)))
    heads.set(head.key, head);
  for (const [index, size] of sizes.entries()) {
    if (size === 0) continue;
    const { key } = partName(run, settings.output, index);
    const head = heads.get(key);
    if (head === undefined) throw new ObjectError('not-found', `part ${key} is gone`);
    if (head.size !== size) throw new Error(`part ${key} has ${head.size} bytes instead of ${size}`);
    shards.push(head);
  }
  await removeOther(run, parts);
  const result = await joinObjects(store, outputName(run, settings.output), shards, tail, {
    contentType: formatOf(run.source.key, settings.format).contentType,
    ifAbsent: isOnce(parts),
  });
  return { bytes: bytes + tail.length, result };
};

/** What comes after the records. */
const tailOf = async (
  run: ObjectRun,
  reports: readonly ShardReport[],
  parts: Readable,
): Promise<Uint8Array> => {
  if (reports.every(({ foot }) => foot === '')) return NOTHING;
  const { object } = await opened(run, parts);
  let start = 0;
  return must(object, 'object').tail(
    reports.map(({ foot, bytes }) => {
      const one = { start, foot };
      start += bytes;
      return one;
    }),
  );
};

/** Deletes all that shards of a run have written. */
export const deleteParts = async (run: ObjectRun, { store, settings: { output } }: Stored): Promise<void> => {
  const keys: string[] = [];
  for await (const { key } of store.list(output.bucket, partsPrefix(run, output))) keys.push(key);
  if (keys.length > 0) await store.delete(output.bucket, keys);
};
